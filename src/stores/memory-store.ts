import { systemClock, type Clock } from '../core/async/clock.js';
import type {
  ChangeReply,
  ForgetRequest,
  Inspection,
  RecordAdmin,
  SettleRequest,
} from '../core/record/record-admin.js';
import { recordMachine } from '../core/record/record-machine.js';
import type { RecordState, Transition } from '../core/record/record-state.js';
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
} from '../core/record/store.js';
import { refuseUnknownOptions, type OptionNames } from '../core/values/unknown-options.js';
import { BoundedMap } from './bounded-map.js';
import { createWatchers } from './watchers.js';

/** Settings of a {@link MemoryStore}. */
export interface MemoryStoreOptions {
  /**
   * The largest number of live records. A claim beyond that is rejected.
   *
   * @defaultValue 100_000
   */
  readonly entriesMax?: number;
  /**
   * The largest number of bytes of live outcomes. A claim beyond that is rejected; an outcome whose
   * claim was made is always kept.
   *
   * @defaultValue 268_435_456 (256 MiB)
   */
  readonly bytesMax?: number;
  /** Tells the time and sets timers; for tests. @defaultValue the process's own */
  readonly clock?: Clock;
}

const OPTION_NAMES: OptionNames<MemoryStoreOptions> = Object.freeze({
  entriesMax: true,
  bytesMax: true,
  clock: true,
});
const ENTRIES_MAX = 100_000;
const BYTES_MAX = 268_435_456;

interface Entry {
  readonly record: RecordState;
  readonly bytes: number;
  readonly expiresAtMs: number;
}

/** Decides about the record that was found. */
type Decide<T> = (found: RecordState | undefined, nowMs: number) => Transition<T>;

/**
 * Keeps records in this process's memory: for tests, and for a server that is one process. Another
 * process does not see them, and they are lost when this one exits; a retry then runs again.
 *
 * Bounded: when full, new claims are rejected. A record that still lives is never given up for
 * another.
 */
export class MemoryStore implements IdempotencyStore, RecordAdmin {
  readonly name = 'memory';
  readonly #clock: Clock;
  /** The wall-clock time at 0 of the monotonic clock. */
  readonly #epochMs: number;
  readonly #records: BoundedMap<Entry>;
  readonly #watchers = createWatchers();
  #fence = 0;

  /** @throws RangeError if a bound is not above 0; TypeError if an option does not exist */
  constructor(options: MemoryStoreOptions = {}) {
    refuseUnknownOptions('MemoryStore', options, OPTION_NAMES);
    const { entriesMax = ENTRIES_MAX, bytesMax = BYTES_MAX, clock = systemClock } = options;
    if (!(entriesMax > 0) || !(bytesMax > 0)) {
      throw new RangeError('MemoryStore: entriesMax and bytesMax must be above 0.');
    }
    this.#clock = clock;
    this.#epochMs = clock.wallMs() - clock.now();
    this.#records = new BoundedMap({ entriesMax, bytesMax }, () => this.#nowMs());
  }

  begin(request: BeginRequest): Promise<BeginReply> {
    return this.#change(request.recordId, (found, nowMs) => {
      // Larger than all before, so that it also grows for a record that was erased in between.
      const fence = Math.max(this.#fence + 1, nowMs * 1_000);
      const transition = recordMachine.begin(found, request, nowMs, fence);
      if (transition.reply.kind === 'claimed') this.#fence = Math.max(this.#fence, fence);
      if (found === undefined) this.#refuseIfFull();
      return transition;
    });
  }

  peek(request: PeekRequest): Promise<PeekReply> {
    return this.#change(request.recordId, (found, nowMs) => ({
      reply: recordMachine.peek(found, request, nowMs),
    }));
  }

  complete(request: CompleteRequest): Promise<CompleteReply> {
    return this.#end(request.recordId, (found, nowMs) =>
      recordMachine.complete(found, request, nowMs),
    );
  }

  renew(request: RenewRequest): Promise<RenewReply> {
    return this.#change(request.recordId, (found, nowMs) =>
      recordMachine.renew(found, request, nowMs),
    );
  }

  step(request: StepRequest): Promise<StepReply> {
    return this.#change(request.recordId, (found, nowMs) =>
      recordMachine.step(found, request, nowMs),
    );
  }

  release(request: ReleaseRequest): Promise<ReleaseReply> {
    return this.#end(request.recordId, (found) => recordMachine.release(found, request));
  }

  inspect(recordId: string): Promise<Inspection> {
    return this.#change(recordId, (found, nowMs) => ({
      reply: recordMachine.inspect(found, nowMs),
    }));
  }

  settle(request: SettleRequest): Promise<ChangeReply> {
    return this.#end(request.recordId, (found, nowMs) =>
      recordMachine.settle(found, request, nowMs, nowMs * 1_000),
    );
  }

  forget(request: ForgetRequest): Promise<ChangeReply> {
    return this.#end(request.recordId, (found, nowMs) =>
      recordMachine.forget(found, request, nowMs),
    );
  }

  watch(recordId: string, onChange: () => void): Promise<() => void> {
    return Promise.resolve(this.#watchers.add(recordId, onChange));
  }

  ping(): Promise<void> {
    return Promise.resolve();
  }

  /** Whoever chooses memory knows what it forgets. */
  check(): Promise<StoreCheck> {
    return Promise.resolve({ problems: [], refuses: false });
  }

  /** Nothing was opened. The records go with the store itself. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  #nowMs(): number {
    return Math.floor(this.#epochMs + this.#clock.now());
  }

  /** A change that ends a claim or a record: watchers hear of it. */
  #end<T>(recordId: string, decide: Decide<T>): Promise<T> {
    return this.#change(recordId, (found, nowMs) => {
      const transition = decide(found, nowMs);
      if (transition.next !== undefined) this.#notify(recordId);
      return transition;
    });
  }

  /** Nothing else runs between the look and the write. What `decide` throws changes nothing. */
  #change<T>(recordId: string, decide: Decide<T>): Promise<T> {
    return new Promise((resolve) => {
      const { reply, next } = decide(this.#records.get(recordId)?.record, this.#nowMs());
      if (next === null) this.#records.delete(recordId);
      else if (next !== undefined) this.#records.set(recordId, entryOf(next));
      resolve(reply);
    });
  }

  #refuseIfFull(): void {
    const full = this.#records.isFull();
    if (full === undefined) return;
    throw new Error(`The memory store is full. Raise its ${full}, or keep outcomes for less long.`);
  }

  #notify(recordId: string): void {
    if (!this.#watchers.has(recordId)) return;
    // Later, as a message from Redis would: the transition is over before anyone looks.
    queueMicrotask(() => {
      this.#watchers.notify(recordId);
    });
  }
}

function entryOf(record: RecordState): Entry {
  const { expiresAtMs } = record;
  if (record.kind === 'outcome') return { record, bytes: record.payload.byteLength, expiresAtMs };
  let bytes = 0;
  for (const { payload } of record.steps.values()) bytes += payload.byteLength;
  return { record, bytes, expiresAtMs };
}
