import { subscribe } from 'node:diagnostics_channel';
import { EVENTS_CHANNEL, type IdempotencyEvent } from 'graphql-idempotency';

subscribe(EVENTS_CHANNEL, (message) => {
  const event = message as IdempotencyEvent;
  if (event.type === 'claimLost') console.error(event);
});
