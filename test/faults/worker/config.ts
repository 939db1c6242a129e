import type { VariantName } from '../rewrites.js';

/** Where a worker finds Redis. */
export type RedisAddress =
  | { readonly kind: 'standalone'; readonly port: number }
  | { readonly kind: 'cluster'; readonly ports: readonly number[] }
  | { readonly kind: 'sentinel'; readonly ports: readonly number[]; readonly name: string };

/** Another way to be idempotent, and the folder its packages are installed in. */
export interface YardstickConfig {
  readonly name: 'set-nx' | 'powertools' | 'node-idempotency';
  readonly modules: string;
}

/** Everything a worker is told when it starts. */
export interface WorkerConfig {
  readonly redis: RedisAddress;
  readonly providerSocket: string;
  readonly leaseMs: number;
  readonly waitMs: number;
  readonly storeTimeoutMs: number;
  readonly ttlSeconds: number;
  /** How many replicas must have a write. */
  readonly replicas?: number | 'all' | undefined;
  /** The port of a PostgreSQL, for the mutation whose effect is a transaction. */
  readonly databasePort?: number | undefined;
  /** A seeded bug; the real thing without. */
  readonly variant?: VariantName | undefined;
  /** Protects `hold` in place of our plugin. */
  readonly yardstick?: YardstickConfig | undefined;
  /** What a wall clock of this worker would show, less the true time: for a seeded bug. */
  readonly wallClockOffsetMs?: number | undefined;
}

/** What a worker tells the driver. */
export type WorkerMessage =
  | { readonly type: 'ready'; readonly port: number }
  /** It has reached a fault and is about to suffer it. */
  | { readonly type: 'fault'; readonly action: string; readonly point: string }
  /** A rejection that nobody handled. */
  | { readonly type: 'unhandled'; readonly reason: string }
  | { readonly type: 'event'; readonly name: string }
  | { readonly type: 'memory'; readonly heapBytes: number };

/** What the driver tells a worker. */
export type DriverMessage = 'memory';
