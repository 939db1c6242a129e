import { RedisStore } from 'graphql-idempotency/redis';
import { createClient } from 'redis';

const { REDIS_URL = 'redis://localhost:6379' } = process.env;

export const client = createClient({
  url: REDIS_URL,
  pingInterval: 1_000,
  socket: {
    socketTimeout: 3_000, // a connection that ended without a word is given up
    reconnectStrategy: (retries) => Math.min(retries * 50, 1_000),
  },
});
client.on('error', console.error);
export const nodeRedisStore = new RedisStore(client, { service: 'payments' });

export async function start(): Promise<void> {
  await client.connect(); // node-redis does not connect by itself
}
