import type { GraphQLSchema } from 'graphql';
import type { IdempotencyOptions } from '../../src/index.js';

/** The caller, as the guards and scopes of these tests know it. */
export interface DoorContext {
  readonly user: string;
}

export type DoorOptions = IdempotencyOptions<DoorContext>;

/** An operation as a client sends it. */
export interface DoorRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** For the `Idempotency-Key` header. */
  readonly key?: string;
  /** @defaultValue 'alice' */
  readonly user?: string;
}

/** The answer of a door. */
export interface DoorAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
  readonly extensions?: {
    readonly idempotency?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
}

/** A server that runs. */
export interface StartedDoor {
  send(request: DoorRequest): Promise<{ body: DoorAnswer; replayedHeader: string | null }>;
  /** Sends several operations as one request. */
  sendBatch?(queries: readonly string[], key?: string): Promise<readonly DoorAnswer[]>;
  /** Stops as the process would: waits for what is in flight within `drainTimeoutMs`. */
  stop(): Promise<void>;
}

/** A way to start one kind of server, from a schema or from its source. */
export interface Door<TSource = GraphQLSchema> {
  readonly name: string;
  /** Whether each operation has HTTP headers of its own. */
  readonly hasHeaders: boolean;
  readonly takesBatches: boolean;
  start(source: TSource, options: DoorOptions): Promise<StartedDoor>;
}
