import { idempotencyPlugin, MemoryStore } from 'graphql-idempotency';
import { openTelemetry } from 'graphql-idempotency/opentelemetry';

export interface MyContext {
  readonly userId: string;
}

const store = new MemoryStore();
const scope = (context: MyContext): string => context.userId;

export const plugin = idempotencyPlugin<MyContext>({ store, scope, telemetry: openTelemetry() });
