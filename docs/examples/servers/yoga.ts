import type { IdempotencyStore } from 'graphql-idempotency';
import { useIdempotency, type IdempotencyEnvelopPlugin } from 'graphql-idempotency/yoga';

interface Context {
  readonly user: string;
}

/** For `createYoga({ schema, context, plugins })`. */
export function yogaPlugins(store: IdempotencyStore): IdempotencyEnvelopPlugin[] {
  return [useIdempotency<Context>({ store, scope: ({ user }) => user })];
}
