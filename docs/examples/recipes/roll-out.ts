import { idempotencyPlugin, type IdempotencyStore } from 'graphql-idempotency';

interface Context {
  readonly tenant: string;
  readonly user: string;
}

/** For the time in which not all clients send keys. */
export function lenientPlugin(store: IdempotencyStore, count: (operation: string) => void) {
  return idempotencyPlugin<Context>({
    store,
    // Lists in JSON tell a/b and c from a and b/c, as joining with a slash would not.
    scope: ({ tenant, user }) => JSON.stringify([tenant, user]),
    required: false,
    onEvent: (event) => {
      if (event.type === 'missingKey') count(event.operation);
    },
  });
}

/** A file's content is a stream, and has no fingerprint: its digest stands for it. */
export function uploadPlugin(store: IdempotencyStore) {
  return idempotencyPlugin<Context>({
    store,
    scope: ({ user }) => user,
    ignoreArguments: { 'Mutation.addDocument': ['file'] }, // addDocument(file: Upload!, sha256: String!)
  });
}
