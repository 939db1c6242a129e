import { systemClock } from '../../core/async/clock.js';
import type { IdempotentDatabase, SqlRow } from '../../core/database/idempotent-database.js';
import { numberOf, outcomeBytesOf } from '../../core/database/outcome-row.js';
import { TABLE_RECORD_ID_LENGTH_MAX } from '../../core/database/outcome-table.js';
import { recordBytes, recordOf } from '../../core/database/record-bytes.js';
import {
  recordStatements,
  type RecordStatements,
} from '../../core/database/sql/record-statements.js';
import { throwSetUpProblem } from '../../core/database/set-up-problem.js';
import { sqlFailureOf } from '../../core/database/sql/sql-error.js';
import { sendAll, type Statement } from '../../core/database/sql/statement.js';
import { messageOf } from '../../core/values/message-of.js';
import type { ChangeReply } from '../../core/record/record-admin.js';
import type { Found, RecordState, Transition } from '../../core/record/record-state.js';
import { sleep } from '../../core/async/timeout.js';

/** Decides about the record that was found; the fence is larger than all before. */
type Decide<T> = (found: Found, nowMs: number, fence: number) => Transition<T>;

/** A change of a record. */
export interface Change<T> {
  readonly recordId: string;
  readonly decide: Decide<T>;
  /** The reply if the stored bytes are no record. */
  readonly unreadable: (reason: string) => T;
  /** For how long it may be changed, from now. */
  readonly timeoutMs?: number;
}

/**
 * The time limit of requests without one of their own, in milliseconds; their callers wait for less.
 */
const TIMEOUT_MS = 30_000;
/** Two that changed a record at once are not to meet again, in milliseconds. */
const RETRY_MS = { first: 1, most: 50 };

/** The rows of records in the table of outcomes. */
export class RecordTable {
  readonly #database: IdempotentDatabase<unknown>;
  readonly #statements: RecordStatements;
  #fence = 0;

  constructor(database: IdempotentDatabase<unknown>) {
    this.#database = database;
    this.#statements = recordStatements(database.dialect, database.table);
  }

  /** Resolves if the database answers. */
  async ping(): Promise<void> {
    await this.#ask(this.#statements.now);
  }

  /**
   * Reads the record, decides, and writes what came of it if the record is still as it was read;
   * otherwise from the start. Somebody has got on each time.
   */
  async change<T>({ recordId, decide, unreadable, timeoutMs }: Change<T>): Promise<T> {
    if (recordId.length > TABLE_RECORD_ID_LENGTH_MAX) {
      throw new RangeError('DatabaseStore: the name of the mutation is too long for its table.');
    }
    const startedAt = performance.now();
    const limitMs = timeoutMs ?? TIMEOUT_MS;
    for (let round = 0; ; round += 1) {
      const { bytes, expired, nowMs } = await this.#read(recordId);
      const remainingMs = limitMs - (performance.now() - startedAt);
      let found: Found;
      try {
        found = bytes === undefined || expired ? undefined : recordOf(bytes);
      } catch (error) {
        return unreadable(messageOf(error));
      }
      const fence = Math.max(this.#fence + 1, nowMs * 1_000);
      const { reply, next } = decide(found, nowMs, fence);
      if (next === undefined || (next === null && bytes === undefined)) return reply;
      if (remainingMs <= 0) throw new Error('The record was not changed in time.');
      if (next === null && found !== undefined && isOfThisTick(found.fence, nowMs)) {
        await sleep(1, systemClock);
        continue;
      }
      const deadlineMs = Math.floor(nowMs + remainingMs);
      const change =
        next === null
          ? this.#statements.remove(recordId, bytes as Buffer)
          : this.#write(recordId, bytes, next, deadlineMs);
      if (await this.#isMade(change)) {
        this.#fence = Math.max(this.#fence, next?.fence ?? 0);
        return reply;
      }
      await sleepFor(round);
    }
  }

  #write(
    recordId: string,
    before: Buffer | undefined,
    next: RecordState,
    deadlineMs: number,
  ): readonly Statement[] {
    const { fingerprint, fence, expiresAtMs } = next;
    const row = { recordId, fingerprint, fence, bytes: recordBytes(next), expiresAtMs, deadlineMs };
    return before === undefined
      ? this.#statements.insert(row)
      : this.#statements.replace(row, before);
  }

  /** Deletes what is no record. */
  async removeUnreadable(recordId: string): Promise<ChangeReply> {
    const { bytes } = await this.#read(recordId);
    if (bytes === undefined) return 'absent';
    try {
      recordOf(bytes);
      return 'changed';
    } catch {
      return (await this.#isMade(this.#statements.remove(recordId, bytes))) ? 'done' : 'changed';
    }
  }

  async #read(recordId: string): Promise<{
    readonly bytes: Buffer | undefined;
    readonly expired: boolean;
    readonly nowMs: number;
  }> {
    const [row] = await this.#ask(this.#statements.read(recordId));
    const nowMs = numberOf(row?.['moment'], 'time');
    const outcome = row?.['outcome'] ?? undefined;
    if (outcome === undefined) return { bytes: undefined, expired: false, nowMs };
    const expired = numberOf(row?.['expiry'], 'expiry') <= nowMs;
    return { bytes: outcomeBytesOf(outcome), expired, nowMs };
  }

  async #ask({ sql, parameters }: Statement): Promise<readonly SqlRow[]> {
    try {
      return await this.#database.query(sql, parameters);
    } catch (error) {
      throwSetUpProblem(this.#database, error);
      throw error;
    }
  }

  /** Whether a change was made: nothing was if somebody else was faster. */
  async #isMade(change: readonly Statement[]): Promise<boolean> {
    const [only, ...more] = change;
    const options = {
      ...{ isolation: undefined, timeoutMs: 60_000, waitMs: 60_000 },
      startsWithQuery: true,
    };
    try {
      const [row] =
        only !== undefined && more.length === 0
          ? await this.#database.query(only.sql, only.parameters)
          : await this.#database.run(({ query }) => sendAll(query, change), options);
      return row !== undefined && numberOf(row['changed'], 'count') > 0;
    } catch (error) {
      const failure = sqlFailureOf(error);
      if (failure === 'duplicate' || failure === 'conflict') return false;
      throwSetUpProblem(this.#database, error);
      throw error;
    }
  }
}

/**
 * Whether a fence comes from this very tick of the database's clock, in milliseconds. Invariant: no
 * record is deleted within that tick, since another server would give its next claim the same fence.
 */
function isOfThisTick(fence: number, nowMs: number): boolean {
  return Math.floor(fence / 1_000) === nowMs;
}

async function sleepFor(round: number): Promise<void> {
  const longest = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** Math.min(round, 10));
  await sleep(longest * Math.random(), systemClock);
}
