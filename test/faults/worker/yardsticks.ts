import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { YardstickConfig } from './config.js';

/** A request, as a yardstick sees it. */
export interface YardstickRequest {
  readonly scope: string;
  readonly key: string;
  readonly amount: number;
}

/** Another solution that makes a mutation idempotent. */
export interface Yardstick {
  /** Runs the effect once for the request's key; its answer must be JSON. */
  protect<T>(request: YardstickRequest, run: () => T | Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** The time after which a request counts as dead, and for which answers are kept. */
interface Times {
  readonly leaseMs: number;
  readonly waitMs: number;
  readonly ttlSeconds: number;
}

/** Opens a yardstick over a Redis on this machine. */
export function openYardstick(
  { name, modules }: YardstickConfig,
  port: number,
  times: Times,
): Promise<Yardstick> {
  // Installed for this run only, and therefore not known to the compiler.
  const load = createRequire(join(modules, 'package.json'));
  switch (name) {
    case 'set-nx':
      return Promise.resolve(openSetNx(port, times));
    case 'powertools':
      return openPowertools(load, port, times);
    case 'node-idempotency':
      return openNodeIdempotency(load, port, times);
    default:
      return name satisfies never;
  }
}

/** The common solution written by hand: a lock by SET NX PX, and the answer in another key. */
function openSetNx(port: number, { leaseMs, waitMs, ttlSeconds }: Times): Yardstick {
  const redis = new Redis(port, '127.0.0.1');
  redis.on('error', () => undefined);
  return {
    async protect<T>(
      { scope, key, amount }: YardstickRequest,
      run: () => T | Promise<T>,
    ): Promise<T> {
      const id = `${scope}:${key}:${String(amount)}`;
      for (let waitedMs = 0; ; waitedMs += 50) {
        const answer = await redis.get(`answer:${id}`);
        if (answer !== null) return JSON.parse(answer) as T;
        if ((await redis.set(`lock:${id}`, '1', 'PX', leaseMs, 'NX')) === 'OK') break;
        if (waitedMs >= waitMs) throw new Error('The request is being processed.');
        await sleep(50);
      }
      try {
        const answer = await run();
        await redis.set(`answer:${id}`, JSON.stringify(answer), 'EX', ttlSeconds);
        return answer;
      } finally {
        await redis.del(`lock:${id}`);
      }
    },
    close() {
      redis.disconnect();
      return Promise.resolve();
    },
  };
}

interface PowertoolsClient {
  connect(): Promise<PowertoolsClient>;
  close(): Promise<void>;
  on(event: string, listener: () => void): void;
}

interface Powertools {
  IdempotencyConfig: new (options: object) => { registerLambdaContext(context: object): void };
  readonly makeIdempotent: (
    run: (event: YardstickRequest, work: () => unknown) => unknown,
    options: object,
  ) => <T>(event: YardstickRequest, work: () => T | Promise<T>) => Promise<T>;
}

/** Powertools for AWS Lambda, as its documentation sets it up with Redis. */
async function openPowertools(
  load: NodeJS.Require,
  port: number,
  { leaseMs, ttlSeconds }: Times,
): Promise<Yardstick> {
  process.env['AWS_LAMBDA_FUNCTION_NAME'] = 'worker';
  const { IdempotencyConfig, makeIdempotent } = load(
    '@aws-lambda-powertools/idempotency',
  ) as Powertools;
  const { CachePersistenceLayer } = load('@aws-lambda-powertools/idempotency/cache') as {
    CachePersistenceLayer: new (options: object) => object;
  };
  const { createClient } = load('@redis/client') as {
    readonly createClient: (options: object) => PowertoolsClient;
  };
  const client = createClient({ url: `redis://127.0.0.1:${String(port)}` });
  client.on('error', () => undefined);
  await client.connect();
  const config = new IdempotencyConfig({ expiresAfterSeconds: ttlSeconds });
  // Its lease is what is left of the function's time.
  config.registerLambdaContext({ getRemainingTimeInMillis: () => leaseMs });
  const protect = makeIdempotent((_, work) => work(), {
    persistenceStore: new CachePersistenceLayer({ client }),
    config,
    dataIndexArgument: 0,
  });
  return { protect, close: () => client.close() };
}

interface NodeIdempotency {
  onRequest(request: object): Promise<{ body?: unknown } | undefined>;
  onResponse(request: object, response: { body: unknown }): Promise<void>;
}

/** node-idempotency with its Redis adapter. */
async function openNodeIdempotency(
  load: NodeJS.Require,
  port: number,
  { waitMs, ttlSeconds }: Times,
): Promise<Yardstick> {
  const { Idempotency } = load('@node-idempotency/core') as {
    Idempotency: new (storage: object, options: object) => NodeIdempotency;
  };
  const { RedisStorageAdapter } = load('@node-idempotency/storage-adapter-redis') as {
    RedisStorageAdapter: new (options: object) => {
      connect(): Promise<void>;
      disconnect(): Promise<void>;
    };
  };
  const storage = new RedisStorageAdapter({ url: `redis://127.0.0.1:${String(port)}` });
  await storage.connect();
  const idempotency = new Idempotency(storage, {
    cacheTTLMS: ttlSeconds * 1_000,
    inProgressStrategy: { wait: true, pollingIntervalMs: 50, maxWaitMs: waitMs },
  });
  return {
    async protect<T>(
      { scope, key, amount }: YardstickRequest,
      run: () => T | Promise<T>,
    ): Promise<T> {
      const headers = { 'Idempotency-Key': key, 'idempotency-key': key };
      const request = { headers, path: `/${scope}`, method: 'POST', body: { amount } };
      const known = await idempotency.onRequest(request);
      if (known?.body !== undefined) return known.body as T;
      const answer = await run();
      await idempotency.onResponse(request, { body: answer });
      return answer;
    },
    close: () => storage.disconnect(),
  };
}
