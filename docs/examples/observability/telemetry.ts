import { idempotencyPlugin, type IdempotencyStore } from 'graphql-idempotency';
import { openTelemetry } from 'graphql-idempotency/opentelemetry';

interface MyContext {
  readonly userId: string;
}

/** The plugin with metrics and traces. */
export function observedPlugin(store: IdempotencyStore) {
  const scope = (context: MyContext): string => context.userId;
  return [idempotencyPlugin<MyContext>({ store, scope, telemetry: openTelemetry() })];
}
