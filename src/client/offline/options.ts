import type { Clock } from '../../core/async/clock.js';
import { unknownOptionProblems, type OptionNames } from '../../core/values/unknown-options.js';
import { isWholeNumber, wholeNumberRule } from '../../core/values/whole-number.js';
import type { IdempotentOperations } from '../core/idempotent-operations.js';
import type { ShownAnswer } from '../intent/ends-intent.js';
import { optionsError } from '../core/settings.js';
import type { QueuedMutation } from './queued-mutation.js';

/** A failure of the storage. The mutation at hand is sent as if there were no queue. */
export interface OfflineProblem {
  /**
   * `full`: it holds as many mutations as it may. `unavailable`: IndexedDB is absent, blocked, out of
   * space, or fails. `damaged`: an entry could not be read and was removed.
   */
  readonly kind: 'full' | 'unavailable' | 'damaged';
  /** The error from IndexedDB, if there was one. */
  readonly cause?: unknown;
}

/** Options of an {@link OfflineQueue}. */
export interface OfflineQueueOptions {
  /** The map from `graphql-idempotency/codegen`. */
  readonly operations: IdempotentOperations;
  /**
   * The function that sends requests.
   * @defaultValue the global `fetch`
   */
  readonly fetch?: typeof fetch;
  /**
   * The headers of a request that is sent later, such as `authorization`. They are not stored. Reject
   * while nobody is signed in: nothing is sent then.
   */
  readonly headers?: () => Readonly<Record<string, string>> | Promise<Record<string, string>>;
  /**
   * The header that carries keys; the server's option of that name.
   * @defaultValue `'idempotency-key'`
   */
  readonly header?: string;
  /**
   * The name of the database in IndexedDB: one for each user who signs in.
   * @defaultValue `'graphql-idempotency'`
   */
  readonly name?: string;
  /**
   * The largest number of stored mutations: 1 to 1000.
   * @defaultValue 100
   */
  readonly entriesMax?: number;
  /** Told the answer to a mutation that was sent later, as the server gave it. */
  readonly onAnswer?: (mutation: QueuedMutation, answer: ShownAnswer) => void;
  /** Told of a mutation that was given up, because the server may have forgotten its key. */
  readonly onDropped?: (mutation: QueuedMutation) => void;
  /** Told when the storage does not work. */
  readonly onProblem?: (problem: OfflineProblem) => void;
  /**
   * Tells the time and sets timers; another one is for tests.
   * @defaultValue the runtime's own
   */
  readonly clock?: Clock;
}

/** The defaults of the options. */
const OFFLINE_DEFAULTS = Object.freeze({ name: 'graphql-idempotency', entriesMax: 100 });

const OPTION_NAMES: OptionNames<OfflineQueueOptions> = Object.freeze({
  operations: true,
  fetch: true,
  headers: true,
  header: true,
  name: true,
  entriesMax: true,
  onAnswer: true,
  onDropped: true,
  onProblem: true,
  clock: true,
});

const ENTRIES = { min: 1, max: 1_000 };

/** The options of the storage, with their defaults. */
export interface StorageSettings {
  readonly name: string;
  readonly entriesMax: number;
}

/**
 * Checks the options that are the queue's own, and the names of all of them.
 *
 * @throws TypeError for a wrong option that no type could exclude
 */
export function storageSettings(options: OfflineQueueOptions): StorageSettings {
  const { entriesMax: given, name = OFFLINE_DEFAULTS.name, fetch: send } = options;
  const entriesMax = given ?? OFFLINE_DEFAULTS.entriesMax;
  const problems = unknownOptionProblems(options, OPTION_NAMES);
  if (!isWholeNumber(entriesMax, ENTRIES)) {
    problems.push(`${wholeNumberRule('entriesMax', ENTRIES)}.`);
  }
  if (typeof name !== 'string' || name === '')
    problems.push('name must be the name of a database.');
  if (send !== undefined && typeof send !== 'function') problems.push('fetch must be a function.');
  if (problems.length > 0) throw optionsError('OfflineQueue', problems);
  return { name, entriesMax };
}
