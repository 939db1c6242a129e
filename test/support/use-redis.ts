import { Redis } from 'ioredis';

/** A Redis that other test files use before and after: what would change it for them is not there. */
export interface SharedRedis {
  readonly port: number;
  readonly url: string;
  /** A client of the test file's own, for looking at records. */
  readonly client: Redis;
}

/**
 * The Redis of this worker, empty before each test. A file that stops it, changes its settings or users,
 * or counts its commands has to start its own by {@link startRedis}.
 */
export function useRedis(): SharedRedis {
  const worker = Number(process.env['JEST_WORKER_ID'] ?? 1);
  const port = Number(process.env['TEST_REDIS_PORTS']?.split(',')[worker - 1]);
  let client: Redis | undefined;
  beforeAll(() => {
    client = new Redis(port, '127.0.0.1');
  });
  beforeEach(() => client?.flushall());
  afterAll(() => client?.disconnect());
  return {
    port,
    url: `redis://127.0.0.1:${String(port)}`,
    get client() {
      if (client === undefined) throw new Error('The client is there once the tests run.');
      return client;
    },
  };
}
