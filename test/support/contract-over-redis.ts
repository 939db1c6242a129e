import { setTimeout as sleep } from 'node:timers/promises';
import { RedisStore, type RedisStoreOptions } from '../../src/stores/redis/index.js';
import { endClient, type ApplicationClient } from './redis-clients.js';
import { runContractAtOnce } from './run-contract.js';
import { SERVICE } from './redis-keys.js';

/** The contract over two clients, as two processes have them, of a Redis that no test clears: cases run at once. */
export function contractOverRedis(
  connect: () => ApplicationClient | Promise<ApplicationClient>,
  options?: Partial<RedisStoreOptions>,
): void {
  runContractAtOnce(async () => {
    const clients = [await connect(), await connect()] as const;
    for (const client of clients) client.on('error', () => undefined);
    const store = new RedisStore(clients[0], { service: SERVICE, ...options });
    const other = new RedisStore(clients[1], { service: SERVICE, ...options });
    return {
      store,
      other,
      pass: async (ms) => {
        await sleep(ms);
      },
      close: async () => {
        await Promise.all([store.close(), other.close()]);
        for (const client of clients) endClient(client);
      },
    };
  });
}
