import type { VariantName } from '../rewrites.js';

/** The address of the Redis of a worker. */
export type RedisAddress =
  | { readonly kind: 'standalone'; readonly port: number }
  | { readonly kind: 'cluster'; readonly ports: readonly number[] }
  | { readonly kind: 'sentinel'; readonly ports: readonly number[]; readonly name: string };

/** Another solution for idempotency, and the folder of its packages. */
export interface YardstickConfig {
  readonly name: 'set-nx' | 'powertools' | 'node-idempotency';
  readonly modules: string;
}

/** The configuration of a worker. */
export interface WorkerConfig {
  readonly redis: RedisAddress;
  readonly providerSocket: string;
  readonly leaseMs: number;
  readonly waitMs: number;
  readonly storeTimeoutMs: number;
  readonly ttlSeconds: number;
  /** The longest wait for requests in flight, by the plugin and by Apollo, when the worker stops. */
  readonly drainTimeoutMs?: number | undefined;
  /** The number of replicas that must have a write. */
  readonly replicas?: number | 'all' | undefined;
  /** Makes the worker report its usage when asked. Counting timers costs time. */
  readonly measuresUsage?: boolean | undefined;
  /** The port of a PostgreSQL, for the mutation whose effect is a transaction. */
  readonly databasePort?: number | undefined;
  /** A seeded bug; the real thing without. */
  readonly variant?: VariantName | undefined;
  /** Protects `hold` in place of our plugin. */
  readonly yardstick?: YardstickConfig | undefined;
  /** The wall clock of this worker less the true time, for a seeded bug. */
  readonly wallClockOffsetMs?: number | undefined;
}

/** A message from a worker to the driver. */
export type WorkerMessage =
  | { readonly type: 'ready'; readonly port: number }
  /** It has reached a fault, which happens now. */
  | { readonly type: 'fault'; readonly action: string; readonly point: string }
  /** A rejection that nobody handled. */
  | { readonly type: 'unhandled'; readonly reason: string }
  | { readonly type: 'event'; readonly name: string }
  | ({ readonly type: 'usage' } & WorkerUsage);

/** The memory and timers of a worker. */
export interface WorkerUsage {
  /** Its heap after a full collection, in bytes. */
  readonly heapBytes: number;
  /** Timers that are set. */
  readonly timers: number;
}

/** A message from the driver to a worker. */
export type DriverMessage = 'usage';
