import { Cluster, Redis } from 'ioredis';
import { MemoryStore, type IdempotencyStore } from '../index.js';
import { RedisStore } from '../stores/redis/index.js';

/** The store of the server's idempotency records. */
export interface RecordStore {
  readonly store: IdempotencyStore;
  /** Loses every record, as Redis would that is flushed: for the checkout page. */
  forgetAll(): Promise<void>;
  /** For the start-up line. */
  readonly description: string;
  /** Closes the connection; the plugin has closed the store before. */
  close(): void;
}

/**
 * A command waits for one try to connect again, then it fails; a connection that says nothing is given
 * up.
 */
const COMMAND_SETTINGS = {
  maxRetriesPerRequest: 1,
  connectTimeout: 2_000,
  socketTimeout: 3_000,
} as const;
const SERVICE = 'payments';
const SCAN_COUNT = 500;
const RETRY_MS = { step: 50, most: 1_000 } as const;

/**
 * Opens the store: Redis by one URL, a cluster by several, memory by none. Redis may be away; the
 * client goes on trying to connect.
 *
 * @param onError - told about connection errors, about each once until Redis is back
 */
export function openRecordStore(
  urls: readonly string[],
  onError: (error: Error) => void,
): RecordStore {
  const [url] = urls;
  if (url === undefined) {
    return memoryRecords();
  }
  const retryStrategy = (times: number): number => Math.min(times * RETRY_MS.step, RETRY_MS.most);
  const client =
    urls.length === 1
      ? new Redis(url, { ...COMMAND_SETTINGS, retryStrategy })
      : new Cluster([...urls], {
          redisOptions: COMMAND_SETTINGS,
          clusterRetryStrategy: retryStrategy,
        });
  reportOnce(client, onError);
  return {
    store: new RedisStore(client, { service: SERVICE }),
    async forgetAll() {
      const nodes = client instanceof Cluster ? client.nodes('master') : [client];
      for (const node of nodes) {
        // What others keep in the same Redis is not the page's to delete.
        const batches = node.scanStream({ match: `idempotency:${SERVICE}:*`, count: SCAN_COUNT });
        for await (const keys of batches as AsyncIterable<string[]>) {
          await Promise.all(keys.map((key) => node.unlink(key)));
        }
      }
    },
    description: `Redis at ${urls.map(withoutPassword).join(', ')}`,
    close: () => {
      client.disconnect();
    },
  };
}

function memoryRecords(): RecordStore {
  let store = new MemoryStore();
  return {
    get store() {
      return store;
    },
    forgetAll() {
      store = new MemoryStore();
      return Promise.resolve();
    },
    description: 'memory (records end with this process; set REDIS_URL to keep them)',
    close: () => undefined,
  };
}

/** A client that cannot connect says the same many times a second. */
function reportOnce(client: Redis | Cluster, onError: (error: Error) => void): void {
  let last: string | undefined;
  client.on('error', (error: Error) => {
    if (error.message !== last) onError(error);
    last = error.message;
  });
  client.on('ready', () => {
    last = undefined;
  });
}

function withoutPassword(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}
