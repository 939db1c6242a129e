import { setTimeout as sleep } from 'node:timers/promises';
import {
  RedisStore,
  type RedisLike,
  type RedisStoreOptions,
} from '../../src/stores/redis/index.js';
import { runContract } from './run-contract.js';
import { SERVICE } from './redis-keys.js';

/** A client of any version. */
export type ContractClient = RedisLike & {
  disconnect(): void;
  on(event: 'error', listener: () => void): unknown;
};

/** The contract over two clients, as two processes have them. */
export function contractOverRedis(
  connect: () => ContractClient,
  options?: Partial<RedisStoreOptions>,
): void {
  runContract(() => {
    const clients = [connect(), connect()] as const;
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
        for (const client of clients) client.disconnect();
      },
    };
  });
}
