import type { IdempotentDatabase, SqlDialect } from '../../../src/stores/database/index.js';

/** A payment as every library gives it. */
export interface Payment {
  readonly id: number;
  readonly amount: number;
}

/** Where a library is to connect to. */
export interface Target {
  readonly port: number;
  /** How many connections its pool has. */
  readonly max: number;
}

/** A library with an open pool. */
export interface Opened<TTransaction> {
  readonly database: IdempotentDatabase<TTransaction>;
  /** Makes the adapter's database with another table of outcomes. */
  withTable(table: string): IdempotentDatabase<TTransaction>;
  /** Inserts a payment of 5, as the library's users do. */
  pay(transaction: TTransaction): Promise<Payment>;
  /** Sends a statement in the transaction, as the library's users do. */
  send(transaction: TTransaction, sql: string): Promise<unknown>;
  /** What the adapter does with an open transaction: it throws. */
  fromOpen(transaction: TTransaction): unknown;
  close(): Promise<unknown>;
}

/** A library that an adapter is for. */
export interface Library {
  /** The adapter. */
  readonly name: string;
  /** What it sends to commit. */
  readonly commit: string;
  /** What the adapter is given instead of what it takes. */
  readonly wrong: readonly (() => unknown)[];
  open(target: Target): Opened<unknown> | Promise<Opened<unknown>>;
}

/** A server that libraries are tried on, and the SQL that differs. */
export interface Server {
  readonly dialect: SqlDialect;
  readonly port: number;
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Statements that create `payments`, and `counters` with the rows 1 and 2. */
  readonly tables: readonly string[];
  /** Gives a row if somebody waits for a lock. */
  readonly waiters: string;
  /** What makes the transactions of new connections read-only, and what ends that. */
  readonly readOnly: { readonly begin: string; readonly end: string };
  /** Whether REPEATABLE READ refuses to write what somebody else has written meanwhile. */
  readonly refusesLostUpdates: boolean;
  stop(): Promise<void>;
}

/** Whether two types are one; `any` is the same as none. */
export type Same<A, B> = 0 extends 1 & A ? false : [A, B] extends [B, A] ? true : false;

/** What the body of an adapter's transaction gets. */
export type TransactionOf<TDatabase> =
  TDatabase extends IdempotentDatabase<infer TTransaction> ? TTransaction : never;
