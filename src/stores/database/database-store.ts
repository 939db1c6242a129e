import { systemClock } from '../../core/async/clock.js';
import { checkDatabase } from '../../core/database/check-database.js';
import type { IdempotentDatabase } from '../../core/database/idempotent-database.js';
import { DatabaseSetUpError } from '../../core/database/set-up-problem.js';
import type {
  ChangeReply,
  ForgetRequest,
  Inspection,
  RecordAdmin,
  SettleRequest,
} from '../../core/record/record-admin.js';
import { recordMachine } from '../../core/record/record-machine.js';
import type {
  BeginReply,
  BeginRequest,
  CompleteReply,
  CompleteRequest,
  IdempotencyStore,
  PeekReply,
  PeekRequest,
  ReleaseReply,
  ReleaseRequest,
  RenewReply,
  RenewRequest,
  StepReply,
  StepRequest,
  StoreCheck,
} from '../../core/record/store.js';
import { withTimeout } from '../../core/async/timeout.js';
import { refuseUnknownOptions, type OptionNames } from '../../core/values/unknown-options.js';
import { RecordTable } from './record-table.js';

/** Settings of a {@link DatabaseStore}. */
export interface DatabaseStoreOptions {
  /**
   * The polling interval of a request that waits for another one, in milliseconds: 10 to 10 000.
   * @defaultValue 100
   */
  readonly pollMs?: number;
}

const OPTION_NAMES: OptionNames<DatabaseStoreOptions> = Object.freeze({ pollMs: true });
const POLL_MS = { min: 10, max: 10_000, otherwise: 100 };

/**
 * Keeps whole records in a database, for servers that have no Redis: through the same adapters, and in
 * the same table, as the outcomes of `execution.transaction`.
 *
 * Nothing is locked: a change is one statement that takes effect only if the record still is what was
 * decided about. A request that waits for another one looks now and then.
 */
export class DatabaseStore implements IdempotencyStore, RecordAdmin {
  readonly name = 'database';
  readonly #database: IdempotentDatabase<unknown>;
  readonly #table: RecordTable;
  readonly #pollMs: number;

  /**
   * @param database - an adapter, such as `fromPg(pool)`
   * @throws RangeError when `pollMs` is out of range; TypeError when an option does not exist
   */
  constructor(database: IdempotentDatabase<unknown>, options: DatabaseStoreOptions = {}) {
    refuseUnknownOptions('DatabaseStore', options, OPTION_NAMES);
    const { pollMs = POLL_MS.otherwise } = options;
    if (!(pollMs >= POLL_MS.min && pollMs <= POLL_MS.max)) {
      throw new RangeError(
        `DatabaseStore: pollMs must be from ${POLL_MS.min} to ${String(POLL_MS.max)}.`,
      );
    }
    this.#database = database;
    this.#table = new RecordTable(database);
    this.#pollMs = pollMs;
  }

  begin(request: BeginRequest): Promise<BeginReply> {
    return this.#table.change({
      ...request,
      decide: (found, nowMs, fence) => recordMachine.begin(found, request, nowMs, fence),
      unreadable: (reason) => ({ kind: 'unreadable', reason }),
    });
  }

  peek(request: PeekRequest): Promise<PeekReply> {
    return this.#table.change<PeekReply>({
      recordId: request.recordId,
      decide: (found, nowMs) => ({ reply: recordMachine.peek(found, request, nowMs) }),
      unreadable: (reason) => ({ kind: 'unreadable', reason }),
    });
  }

  complete(request: CompleteRequest): Promise<CompleteReply> {
    return this.#table.change<CompleteReply>({
      recordId: request.recordId,
      decide: (found, nowMs) => recordMachine.complete(found, request, nowMs),
      unreadable: (reason) => ({ kind: 'unreadable', reason }),
    });
  }

  renew(request: RenewRequest): Promise<RenewReply> {
    return this.#table.change<RenewReply>({
      recordId: request.recordId,
      decide: (found, nowMs) => recordMachine.renew(found, request, nowMs),
      unreadable: () => 'lost',
    });
  }

  step(request: StepRequest): Promise<StepReply> {
    const { recordId, state, timeoutMs } = request;
    return this.#table.change<StepReply>({
      recordId,
      decide: (found, nowMs) => recordMachine.step(found, request, nowMs),
      unreadable: () => 'lost',
      // The mark of a caller that has given up would tell of a step that never ran.
      ...(state === 'started' && { timeoutMs }),
    });
  }

  release(request: ReleaseRequest): Promise<ReleaseReply> {
    return this.#table.change<ReleaseReply>({
      recordId: request.recordId,
      decide: (found) => recordMachine.release(found, request),
      unreadable: () => 'lost',
    });
  }

  inspect(recordId: string): Promise<Inspection> {
    return this.#table.change<Inspection>({
      recordId,
      decide: (found, nowMs) => ({ reply: recordMachine.inspect(found, nowMs) }),
      unreadable: (reason) => ({ state: 'unreadable', reason }),
    });
  }

  settle(request: SettleRequest): Promise<ChangeReply> {
    return this.#table.change<ChangeReply>({
      recordId: request.recordId,
      decide: (found, nowMs, fence) => recordMachine.settle(found, request, nowMs, fence),
      unreadable: () => 'unreadable',
    });
  }

  async forget(request: ForgetRequest): Promise<ChangeReply> {
    const { recordId, fence } = request;
    if (fence === undefined) return this.#table.removeUnreadable(recordId);
    return this.#table.change<ChangeReply>({
      recordId,
      decide: (found, nowMs) => recordMachine.forget(found, request, nowMs),
      unreadable: () => 'unreadable',
    });
  }

  /** Looks now and then: a database tells nobody of changes, at least not through a pool. */
  watch(_recordId: string, onChange: () => void): Promise<() => void> {
    const timer = setInterval(onChange, this.#pollMs).unref();
    return Promise.resolve(() => {
      clearInterval(timer);
    });
  }

  async ping(): Promise<void> {
    await this.#table.ping();
  }

  /** Whether the table is there, is as it should be, and takes writes. */
  async check(timeoutMs: number): Promise<StoreCheck> {
    try {
      await withTimeout(checkDatabase(this.#database), timeoutMs, systemClock, 'The database');
      return { problems: [], refuses: false };
    } catch (error) {
      if (error instanceof DatabaseSetUpError) return { problems: [error.message], refuses: true };
      throw error;
    }
  }

  /** Nothing was opened: the pool is the caller's. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}
