import type { Contender } from './contenders.js';

/** What is asked of a server: keys that are new, keys that were used, or nine to one. */
export type Mode = 'first' | 'replay' | 'mix';

/** What every contender is measured at. */
export interface Row {
  readonly connections: number;
  readonly mode: Mode;
}

/** What a stretch of load gave. */
export interface Figures {
  /** Requests per second. */
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** CPU of the server process, per request, in microseconds. */
  readonly cpuUs: number;
  /** CPU of Redis, per request, in microseconds. */
  readonly redisCpuUs: number;
}

/** One contender's figures of one round. Rounds of one row are compared with one another. */
export interface Sample extends Row, Figures {
  /** The name of a contender. */
  readonly contender: string;
  readonly round: number;
}

/** What is sent that has nothing to do with idempotency. */
export const BYSTANDERS = ['query', 'unmarked mutation'] as const;
export type Bystander = (typeof BYSTANDERS)[number];

/** The figures of one round of it, at 32 connections, with the plugin (`redis`) or without (`none`). */
export interface BystanderSample extends Figures {
  readonly contender: 'none' | 'redis';
  readonly what: Bystander;
  readonly round: number;
}

/** How many commands one request sends to Redis, counted by Redis itself (MONITOR). */
export interface CommandCount {
  readonly contender: string;
  readonly what: Mode | Bystander;
  readonly perRequest: number;
}

/** What a completed record takes in Redis: keys, tables and the allocator's rounding included. */
export interface RecordSize {
  readonly contender: string;
  /** Bytes of the GraphQL result as JSON. */
  readonly resultBytes: number;
  /** Growth of Redis's `used_memory`, per record, in bytes. */
  readonly recordBytes: number;
  /** Bytes of the outcome as the contender encodes it; absent where that is not known. */
  readonly outcomeBytes?: number;
  /** Likewise: what a key with nothing but the outcome and an expiry takes, in bytes. */
  readonly bareBytes?: number;
}

/** Duplicates that wait in one process for owners in another. */
export interface WaiterResult {
  /** `engine`: without GraphQL and HTTP. `http`: whole requests. */
  readonly at: 'engine' | 'http';
  readonly waiters: number;
  readonly keys: number;
  /** From the owner's completion to the waiter's answer, in milliseconds, one value per round. */
  readonly p50Ms: readonly number[];
  readonly p99Ms: readonly number[];
  /** Redis commands of all waiters from their arrival to their answer, per round. */
  readonly commands: readonly number[];
}

/** Latency at one connection with many records in Redis. */
export interface PopulationSample extends Figures {
  readonly records: number;
  readonly mode: 'first' | 'replay';
  readonly round: number;
}

/** Whole requests with results of different sizes. */
export interface SizeSample extends Figures {
  readonly contender: 'none' | 'redis' | 'floor';
  readonly resultBytes: number;
  readonly mode: 'first' | 'replay';
  readonly round: number;
}

/** What the library computes for a value of a size, in microseconds of CPU; medians. */
export interface CodecResult {
  /** Bytes of the value as JSON. */
  readonly jsonBytes: number;
  readonly encodedBytes: number;
  readonly encodeUs: number;
  readonly decodeUs: number;
  /** Of arguments of that size. */
  readonly fingerprintUs: number;
  readonly jsonStringifyUs: number;
  readonly jsonParseUs: number;
}

/** Whose requests are measured in one process, without HTTP and without Redis. */
export type SubjectName =
  | 'query, no plugin'
  | 'query, plugin'
  | 'unmarked, no plugin'
  | 'unmarked, plugin'
  | 'marked, null store'
  | 'marked, memory store'
  | 'floor, unmarked'
  | 'floor, marked';

/** What a request took in one round. */
export interface InProcessSample {
  readonly subject: SubjectName;
  readonly inFlight: number;
  readonly round: number;
  /** CPU of the process, per request, in microseconds. */
  readonly cpuUs: number;
}

/** A run against a Cluster of three primaries with a replica each. */
export interface ClusterResult {
  readonly firsts: number;
  readonly replays: number;
  /** Per primary. */
  readonly nodes: readonly {
    readonly slots: number;
    readonly commands: number;
    readonly records: number;
  }[];
  /** Replies that sent a command to another node, and refusals because of several slots. */
  readonly redirections: number;
  readonly crossSlotErrors: number;
}

/** Everything that a run of the benchmark found. */
export interface BenchResults {
  /** ISO 8601. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly machine: {
    readonly cpus: number;
    readonly model: string;
    readonly memoryGiB: number;
    /** Name and version of Node, Redis, and of every package that took part. */
    readonly versions: Readonly<Record<string, string>>;
  };
  readonly contenders: readonly Contender[];
  readonly samples: readonly Sample[];
  readonly bystanders: readonly BystanderSample[];
  readonly commands: readonly CommandCount[];
  readonly records: readonly RecordSize[];
  readonly waiters: readonly WaiterResult[];
  readonly populations: readonly PopulationSample[];
  readonly sizes: readonly SizeSample[];
  readonly codec: readonly CodecResult[];
  readonly inProcess: readonly InProcessSample[];
  readonly cluster: ClusterResult;
}
