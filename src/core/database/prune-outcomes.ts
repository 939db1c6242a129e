import { systemClock } from '../async/clock.js';
import { sleep } from '../async/timeout.js';
import { backoffMs } from './backoff.js';
import { numberOf } from './outcome-row.js';
import type { IdempotentDatabase } from './idempotent-database.js';
import { throwSetUpProblem } from './set-up-problem.js';
import { sendAll } from './sql/statement.js';
import { sqlFailureOf } from './sql/sql-error.js';
import { statementsFor } from './sql/statements.js';
import { refuseUnknownOptions, type OptionNames } from '../values/unknown-options.js';
import { isWholeNumber, wholeNumberRule } from '../values/whole-number.js';

/** Options of {@link pruneOutcomes}. */
export interface PruneOptions {
  /**
   * The number of rows that a transaction removes, 1 to 100 000: the more, the longer others wait for
   * its locks.
   * @defaultValue 1000
   */
  readonly batchSize?: number;
  /**
   * The time for which a row stays after it has expired, in milliseconds, from 0. While the store
   * remembers an attempt it asks for the row of an earlier one, and the store forgets a little later
   * than the row.
   * @defaultValue 3600000
   */
  readonly graceMs?: number;
  /** Told after each batch how many rows have been removed up to now. */
  readonly onProgress?: (removed: number) => void;
  /** Ends it after the batch that is being removed. */
  readonly signal?: AbortSignal;
}

const OPTION_NAMES: OptionNames<PruneOptions> = Object.freeze({
  batchSize: true,
  graceMs: true,
  onProgress: true,
  signal: true,
});
const BATCH_SIZE_MAX = 100_000;
/** The number of times that a batch may lose against a transaction beside it. */
const TRIES_MAX = 10;

/**
 * Removes the outcomes that have expired, in batches of a transaction each, so that it can run beside
 * everything else. Several may run at the same time.
 *
 * @returns how many rows were removed
 * @throws RangeError when an option is out of range; TypeError when one does not exist; Error when the
 * table is missing
 */
export async function pruneOutcomes(
  database: IdempotentDatabase<unknown>,
  options: PruneOptions = {},
): Promise<number> {
  refuseUnknownOptions('pruneOutcomes', options, OPTION_NAMES);
  const { batchSize = 1_000, graceMs = 3_600_000, onProgress, signal } = options;
  checkWhole('batchSize', batchSize, 1, BATCH_SIZE_MAX);
  checkWhole('graceMs', graceMs, 0, Number.MAX_SAFE_INTEGER);
  const statements = statementsFor(database).prune(batchSize, graceMs);
  const runOptions = { isolation: undefined, timeoutMs: 60_000, waitMs: 60_000 };
  let removed = 0;
  let conflicts = 0;
  for (;;) {
    let batch: number;
    try {
      const [row] = await database.run(({ query }) => sendAll(query, statements), runOptions);
      batch = numberOf(row?.['removed'], 'count');
    } catch (error) {
      throwSetUpProblem(database, error);
      conflicts += 1;
      if (sqlFailureOf(error) !== 'conflict' || conflicts === TRIES_MAX) throw error;
      await sleep(backoffMs(conflicts, Math.random), systemClock);
      continue;
    }
    conflicts = 0;
    removed += batch;
    onProgress?.(removed);
    if (batch < batchSize || signal?.aborted === true) return removed;
  }
}

function checkWhole(name: string, value: unknown, min: number, max: number): void {
  if (isWholeNumber(value, { min, max })) return;
  throw new RangeError(`pruneOutcomes: ${wholeNumberRule(name, { min, max })}.`);
}
