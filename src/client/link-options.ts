import type { ApolloLink } from '@apollo/client/link';
import type { Clock } from '../core/clock.js';
import { clientClock } from './client-clock.js';
import { generateKey } from './generate-key.js';
import type { IdempotentOperations } from './idempotent-operations.js';

/** A refused request that the link is about to send again. */
export interface RefusalRetry {
  /** The operation, if it has a name. */
  readonly operationName: string | undefined;
  /** The key that it is sent with again. */
  readonly key: string;
  /** Why the server refused it: an `IDEMPOTENCY_` code. */
  readonly code: string;
  /** How often it was sent so far. */
  readonly attempt: number;
  /** When it is sent again, in milliseconds from now. */
  readonly afterMs: number;
}

/** Options of an `IdempotencyLink`. Exactly one of `operations` and `isIdempotent` is needed. */
export interface IdempotencyLinkOptions {
  /** What `graphql-idempotency/codegen` generated: which operations need keys, and where. */
  readonly operations?: IdempotentOperations;
  /**
   * Says which mutations need a key, where nothing is generated. Their keys travel in the header.
   * It is asked about mutations only.
   */
  readonly isIdempotent?: (operation: ApolloLink.Operation) => boolean;
  /**
   * The header that carries keys; the server's option of that name.
   *
   * @defaultValue `'idempotency-key'`
   */
  readonly header?: string;
  /**
   * Makes a new key: 1 to 255 visible ASCII characters, none of them `" , ; \`.
   *
   * @defaultValue a random UUID
   */
  readonly generateKey?: () => string;
  /**
   * How often one operation is sent at most while the server refuses it with a retryable code: 1
   * (never again) to 100. Network errors are `RetryLink`'s.
   *
   * @defaultValue 5
   */
  readonly attemptsMax?: number;
  /**
   * No retry begins later than this after the operation was first sent, in milliseconds: 0 to
   * 3 600 000.
   *
   * @defaultValue 30 000
   */
  readonly retryForMs?: number;
  /** Told before each retry. What it throws, or rejects with, is ignored. */
  readonly onRetry?: (retry: RefusalRetry) => void;
  /**
   * Tells the time and sets timers; another one is for tests.
   * @defaultValue the runtime's own
   */
  readonly clock?: Clock;
  /**
   * From 0 to below 1: spreads retries out, so that many clients do not come back at once.
   *
   * @defaultValue `Math.random`
   */
  readonly random?: () => number;
}

/** The options with their defaults. */
export interface LinkSettings extends Required<
  Omit<IdempotencyLinkOptions, 'operations' | 'isIdempotent' | 'onRetry'>
> {
  readonly operations: IdempotentOperations | undefined;
  readonly isIdempotent: ((operation: ApolloLink.Operation) => boolean) | undefined;
  readonly onRetry: ((retry: RefusalRetry) => void) | undefined;
}

/** A field name of RFC 9110, section 5.1. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What holds where an option is not given. */
export const LINK_DEFAULTS = Object.freeze({
  header: 'idempotency-key',
  attemptsMax: 5,
  retryForMs: 30_000,
});

const ATTEMPTS_MOST = 100;
const RETRY_FOR_MS_MOST = 3_600_000;

/**
 * Checks the options and fills in the defaults.
 *
 * @throws TypeError that lists every problem
 */
export function linkSettings(options: IdempotencyLinkOptions): LinkSettings {
  // Without types one may give anything.
  const given: Partial<Record<keyof IdempotencyLinkOptions, unknown>> = { ...options };
  const problems: string[] = [];
  const { operations, isIdempotent, header = LINK_DEFAULTS.header } = given;
  if ((operations === undefined) === (isIdempotent === undefined)) {
    problems.push('give either operations (what codegen generated) or isIdempotent.');
  }
  if (operations !== undefined && !isOperations(operations)) {
    problems.push('operations must be what graphql-idempotency/codegen generated.');
  }
  if (typeof header !== 'string' || !HEADER_NAME.test(header)) {
    problems.push('header must be the name of a header.');
  }
  for (const name of ['isIdempotent', 'generateKey', 'onRetry', 'random'] as const) {
    if (given[name] !== undefined && typeof given[name] !== 'function') {
      problems.push(`${name} must be a function.`);
    }
  }
  for (const [name, least, most] of [
    ['attemptsMax', 1, ATTEMPTS_MOST],
    ['retryForMs', 0, RETRY_FOR_MS_MOST],
  ] as const) {
    const value = given[name];
    if (value === undefined || (Number.isInteger(value) && within(Number(value), least, most))) {
      continue;
    }
    problems.push(`${name} must be a whole number from ${least} to ${most}.`);
  }
  if (problems.length > 0) {
    throw new TypeError(`IdempotencyLink:\n${problems.map((line) => `  - ${line}`).join('\n')}`);
  }
  return {
    operations: options.operations,
    isIdempotent: options.isIdempotent,
    header: String(header).toLowerCase(),
    generateKey: options.generateKey ?? generateKey,
    attemptsMax: options.attemptsMax ?? LINK_DEFAULTS.attemptsMax,
    retryForMs: options.retryForMs ?? LINK_DEFAULTS.retryForMs,
    onRetry: options.onRetry,
    clock: options.clock ?? clientClock,
    random: options.random ?? Math.random,
  };
}

function within(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}

function isOperations(operations: unknown): operations is IdempotentOperations {
  return (
    isObject(operations) &&
    Object.values(operations).every(
      (fields) => isObject(fields) && Object.values(fields).every(isField),
    )
  );
}

function isField(field: unknown): boolean {
  if (!isObject(field)) return false;
  const { mutation, key } = field as Readonly<Record<string, unknown>>;
  const isPaths =
    Array.isArray(key) && key.length > 0 && key.every((path) => typeof path === 'string');
  return typeof mutation === 'string' && (key === 'header' || isPaths);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
