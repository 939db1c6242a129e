import type { Clock } from '../../core/async/clock.js';
import { clientClock } from './client-clock.js';
import { generateKey } from './generate-key.js';
import { isOperations, type IdempotentOperations } from './idempotent-operations.js';
import { unknownOptionProblems, type OptionNames } from '../../core/values/unknown-options.js';
import { isWholeNumber, wholeNumberRule } from '../../core/values/whole-number.js';

/** A mutation, as far as it is known before it is sent. */
export interface MutationInfo {
  /** The operation's name, if it has one. */
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A request that is about to be sent again. */
export interface PlannedRetry {
  /** The operation, if it has a name. */
  readonly operationName: string | undefined;
  /** The key that it is sent with again. */
  readonly key: string;
  /** The `IDEMPOTENCY_` code with which the server refused it. Undefined if no answer came. */
  readonly code: string | undefined;
  /** The number of attempts so far. */
  readonly attempt: number;
  /** When it is sent again, in milliseconds from now. */
  readonly afterMs: number;
}

/** Options of every client. Exactly one of `operations` and `isIdempotent` is needed. */
export interface IdempotencyClientOptions {
  /**
   * The map from `graphql-idempotency/codegen`: the operations that need keys, and the places of the
   * keys.
   */
  readonly operations?: IdempotentOperations;
  /**
   * Says which mutations need a key, where nothing is generated: all that such an operation does is
   * taken for one intent, and its key travels in the header. It is asked about mutations only.
   */
  readonly isIdempotent?: (mutation: MutationInfo) => boolean;
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
   * The largest number of attempts of one request while the server refuses it with a retryable code: 1
   * (no retry) to 100.
   *
   * @defaultValue 5
   */
  readonly attemptsMax?: number;
  /**
   * No retry begins later than this after the request was first sent, in milliseconds: 0 to
   * 3 600 000.
   *
   * @defaultValue 30 000
   */
  readonly retryForMs?: number;
  /** Told before each retry. What it throws, or rejects with, is ignored. */
  readonly onRetry?: (retry: PlannedRetry) => void;
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
export interface ClientSettings extends Required<
  Omit<IdempotencyClientOptions, 'operations' | 'isIdempotent' | 'onRetry'>
> {
  readonly operations: IdempotentOperations | undefined;
  readonly isIdempotent: ((mutation: MutationInfo) => boolean) | undefined;
  readonly onRetry: ((retry: PlannedRetry) => void) | undefined;
}

/** A field name of RFC 9110, section 5.1. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** The defaults of the options. */
export const CLIENT_DEFAULTS = Object.freeze({
  header: 'idempotency-key',
  attemptsMax: 5,
  retryForMs: 30_000,
});

const OPTION_NAMES: OptionNames<IdempotencyClientOptions> = Object.freeze({
  operations: true,
  isIdempotent: true,
  header: true,
  generateKey: true,
  attemptsMax: true,
  retryForMs: true,
  onRetry: true,
  clock: true,
  random: true,
});

const ATTEMPTS_MOST = 100;
const RETRY_FOR_MS_MOST = 3_600_000;

/**
 * Checks the options and fills in the defaults.
 *
 * @param who - whose options they are, for messages
 * @throws TypeError that lists every problem
 */
export function clientSettings(who: string, options: IdempotencyClientOptions): ClientSettings {
  // Without types one may give anything.
  const given: Partial<Record<keyof IdempotencyClientOptions, unknown>> = { ...options };
  const problems = [
    ...unknownOptionProblems(given, OPTION_NAMES),
    ...mapProblems(given),
    ...valueProblems(given),
  ];
  if (problems.length > 0) throw optionsError(who, problems);
  return {
    operations: options.operations,
    isIdempotent: options.isIdempotent,
    header: (options.header ?? CLIENT_DEFAULTS.header).toLowerCase(),
    generateKey: options.generateKey ?? generateKey,
    attemptsMax: options.attemptsMax ?? CLIENT_DEFAULTS.attemptsMax,
    retryForMs: options.retryForMs ?? CLIENT_DEFAULTS.retryForMs,
    onRetry: options.onRetry,
    clock: options.clock ?? clientClock,
    random: options.random ?? Math.random,
  };
}

/** One error for everything that is wrong with somebody's options. */
export function optionsError(who: string, problems: readonly string[]): TypeError {
  return new TypeError(`${who}:\n${problems.map((line) => `  - ${line}`).join('\n')}`);
}

type Given = Readonly<Partial<Record<keyof IdempotencyClientOptions, unknown>>>;

function mapProblems({ operations, isIdempotent }: Given): string[] {
  const problems: string[] = [];
  if ((operations === undefined) === (isIdempotent === undefined)) {
    problems.push('give either operations (what codegen generated) or isIdempotent.');
  }
  if (operations !== undefined && !isOperations(operations)) {
    problems.push('operations must be what graphql-idempotency/codegen generated.');
  }
  return problems;
}

function valueProblems(given: Given): string[] {
  const problems: string[] = [];
  const { header = CLIENT_DEFAULTS.header } = given;
  if (typeof header !== 'string' || !HEADER_NAME.test(header)) {
    problems.push('header must be the name of a header.');
  }
  for (const name of ['isIdempotent', 'generateKey', 'onRetry', 'random'] as const) {
    if (given[name] !== undefined && typeof given[name] !== 'function') {
      problems.push(`${name} must be a function.`);
    }
  }
  for (const [name, min, max] of [
    ['attemptsMax', 1, ATTEMPTS_MOST],
    ['retryForMs', 0, RETRY_FOR_MS_MOST],
  ] as const) {
    const value = given[name];
    if (value === undefined || isWholeNumber(value, { min, max })) continue;
    problems.push(`${wholeNumberRule(name, { min, max })}.`);
  }
  return problems;
}
