import { subscribe } from 'node:diagnostics_channel';
import { EVENTS_CHANNEL, type IdempotencyEvent } from 'graphql-idempotency';
import { page } from './page.js';

subscribe(EVENTS_CHANNEL, (message) => {
  const event = message as IdempotencyEvent;
  if (event.type === 'claimLost') page(event.operation);
});
