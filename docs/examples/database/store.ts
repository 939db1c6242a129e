import { idempotencyPlugin } from 'graphql-idempotency';
import { DatabaseStore, fromPg } from 'graphql-idempotency/database';
import type { Pool } from 'pg';

export const pluginOver = (pool: Pool) => {
  const database = fromPg(pool);
  return idempotencyPlugin<{ userId: string | null }>({
    store: new DatabaseStore(database),
    scope: ({ userId }) => userId,
  });
};
