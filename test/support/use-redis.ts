import { Redis } from 'ioredis';

/** The Redis that the test files of a worker use one after another. A file must leave it as it was. */
export interface SharedRedis {
  readonly port: number;
  readonly url: string;
  /** A client for looking at records, which the test file need not end. */
  readonly client: Redis;
}

/**
 * The Redis of this worker, which keeps its records on disk and is empty before each test. A file that
 * stops it, changes its settings or users, or counts its commands has to start its own with
 * `startRedis()`.
 */
export function useRedis(): SharedRedis {
  const worker = Number(process.env['JEST_WORKER_ID'] ?? 1);
  const port = Number(process.env['TEST_REDIS_PORTS']?.split(',')[worker - 1]);
  const client = new Redis(port, '127.0.0.1', { lazyConnect: true });
  beforeEach(() => client.flushall());
  afterAll(() => {
    client.disconnect();
  });
  return { port, url: `redis://127.0.0.1:${String(port)}`, client };
}
