import { systemClock, type Clock } from '../core/clock.js';
import { ATTEMPTS_MAX, type StoredOutcome } from '../core/record/record.js';
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
  Running,
  StepReply,
  StepRequest,
  StoreCheck,
} from '../core/record/store.js';
import { BoundedMap } from './bounded-map.js';
import {
  claimed,
  claimedRecord,
  ownedBy,
  recordedStep,
  type Ended,
  type InProgress,
} from './memory-record.js';
import { createWatchers } from './watchers.js';

/** Settings of a {@link MemoryStore}. */
export interface MemoryStoreOptions {
  /**
   * How many records may live at once. A claim beyond that is rejected.
   *
   * @defaultValue 100_000
   */
  readonly entriesMax?: number;
  /**
   * How many bytes of outcomes may live at once. A claim beyond that is rejected; an outcome whose
   * claim was made is always kept.
   *
   * @defaultValue 268_435_456 (256 MiB)
   */
  readonly bytesMax?: number;
  /** Tells the time and sets timers; for tests. @defaultValue the process's own */
  readonly clock?: Clock;
}

const ENTRIES_MAX = 100_000;
const BYTES_MAX = 268_435_456;

/**
 * Keeps records in this process's memory: for tests, and for a server that is one process. Another
 * process does not see them, and they are lost when this one exits; a retry then runs again.
 *
 * Bounded: when full, new claims are rejected. A record that still lives is never given up for
 * another.
 */
export class MemoryStore implements IdempotencyStore {
  readonly name = 'memory';
  readonly #clock: Clock;
  readonly #records: BoundedMap<InProgress | Ended>;
  readonly #watchers = createWatchers();
  #fence = 0;

  /** @throws RangeError if a bound is not above 0 */
  constructor(options: MemoryStoreOptions = {}) {
    const { entriesMax = ENTRIES_MAX, bytesMax = BYTES_MAX, clock = systemClock } = options;
    if (!(entriesMax > 0) || !(bytesMax > 0)) {
      throw new RangeError('MemoryStore: entriesMax and bytesMax must be above 0.');
    }
    this.#clock = clock;
    this.#records = new BoundedMap({ entriesMax, bytesMax }, clock);
  }

  begin(request: BeginRequest): Promise<BeginReply> {
    return promiseOf(() => this.#begin(request));
  }

  peek(request: PeekRequest): Promise<PeekReply> {
    return promiseOf(() => {
      const record = this.#records.get(request.recordId);
      if (record === undefined) return { kind: 'vacant' };
      if (record.fingerprint !== request.fingerprint) return { kind: 'mismatch' };
      if (record.kind === 'ended') return { kind: 'completed', outcome: this.#outcome(record) };
      const { attempt, leaseEndsAt } = record;
      if (leaseEndsAt === 'released' && attempt < ATTEMPTS_MAX) return { kind: 'vacant' };
      return this.#running(record) ?? { kind: 'lapsed', attempt };
    });
  }

  complete(request: CompleteRequest): Promise<CompleteReply> {
    return promiseOf(() => this.#complete(request));
  }

  renew(request: RenewRequest): Promise<RenewReply> {
    return promiseOf(() => this.#renew(request));
  }

  step(request: StepRequest): Promise<StepReply> {
    return promiseOf(() => this.#step(request));
  }

  release(request: ReleaseRequest): Promise<ReleaseReply> {
    return promiseOf(() => this.#release(request));
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

  #begin(request: BeginRequest): BeginReply {
    const record = this.#records.get(request.recordId);
    if (record === undefined) return this.#claim(request);
    if (record.fingerprint !== request.fingerprint) return { kind: 'mismatch' };
    if (record.kind === 'ended') return { kind: 'completed', outcome: this.#outcome(record) };
    // The same request sent again. A claim that was given up meanwhile is not revived.
    if (record.owner === request.owner && typeof record.leaseEndsAt === 'number') {
      return claimed(record);
    }
    const running = this.#running(record);
    if (running !== undefined) return running;
    const mayTakeOver =
      record.leaseEndsAt === 'released' ||
      request.onLapse === 'recover' ||
      (request.onLapse === 'rerun' && record.firstPolicy === 'rerun');
    if (mayTakeOver && record.attempt < ATTEMPTS_MAX) return this.#claim(request, record);
    return { kind: 'lapsed', attempt: record.attempt };
  }

  #claim(request: BeginRequest, before?: InProgress): BeginReply {
    const full = before === undefined ? this.#records.isFull() : undefined;
    if (full !== undefined) {
      throw new Error(
        `The memory store is full. Raise its ${full}, or keep outcomes for less long.`,
      );
    }
    // Grows over all records, so that it also grows for a record that was erased in between.
    this.#fence = Math.max(this.#fence + 1, Math.floor(this.#clock.wallMs()) * 1000);
    const record = claimedRecord(request, before, this.#fence, this.#clock.now());
    this.#records.set(request.recordId, record);
    return claimed(record);
  }

  #complete(request: CompleteRequest): CompleteReply {
    const { recordId, fingerprint, owner, fence, attempt, status, payload } = request;
    const record = this.#records.get(recordId);
    const same = record?.fingerprint === fingerprint;
    if (record !== undefined && (record.owner !== owner || (record.kind !== 'ended' && !same))) {
      const theirs = record.kind === 'ended' && same;
      return { kind: 'superseded', outcome: theirs ? this.#outcome(record) : undefined };
    }
    if (record?.kind === 'ended') {
      return { kind: 'stored', expiresAtMs: this.#wallMs(record.expiresAt), recreated: false };
    }
    const ended: Ended = {
      kind: 'ended',
      bytes: payload.byteLength,
      fingerprint,
      owner,
      // A copy: what the caller does with its bytes later must not reach the record.
      outcome: { status, payload: new Uint8Array(payload), attempt, fence },
      expiresAt: this.#clock.now() + request.ttlMs,
    };
    this.#records.set(recordId, ended);
    this.#notify(recordId);
    const expiresAtMs = this.#wallMs(ended.expiresAt);
    return { kind: 'stored', expiresAtMs, recreated: record === undefined };
  }

  #renew({ recordId, owner, leaseMs, retentionMs }: RenewRequest): RenewReply {
    const record = ownedBy(owner, this.#records.get(recordId));
    if (record === undefined || record.leaseEndsAt === 'released') return 'lost';
    const now = this.#clock.now();
    const expiresAt = Math.max(record.expiresAt, now + retentionMs);
    this.#records.set(recordId, { ...record, leaseEndsAt: now + leaseMs, expiresAt });
    return 'renewed';
  }

  #step({ recordId, owner, name, state, payload, leaseMs }: StepRequest): StepReply {
    const record = ownedBy(owner, this.#records.get(recordId));
    if (record === undefined || record.leaseEndsAt === 'released') return 'lost';
    const step = { state, payload: new Uint8Array(payload) };
    const leaseEndsAt = this.#clock.now() + leaseMs;
    this.#records.set(recordId, { ...recordedStep(record, name, step), leaseEndsAt });
    return 'recorded';
  }

  #release({ recordId, owner, mode }: ReleaseRequest): ReleaseReply {
    const record = ownedBy(owner, this.#records.get(recordId));
    if (record === undefined) return 'lost';
    const { attempt, displaced, previous, steps } = record;
    if (typeof record.leaseEndsAt !== 'number') return 'released';
    if (mode === 'withdraw' && attempt > 1) {
      const leaseEndsAt = previous === 'released' ? 'released' : 'withdrawn';
      const before = { ...record, owner: displaced, attempt: attempt - 1, leaseEndsAt } as const;
      this.#records.set(recordId, before);
    } else if (mode === 'keep' || steps.size > 0) {
      this.#records.set(recordId, { ...record, leaseEndsAt: 'released' });
    } else {
      this.#records.delete(recordId);
    }
    this.#notify(recordId);
    return 'released';
  }

  #running({ attempt, leaseEndsAt }: InProgress): Running | undefined {
    const leaseRemainingMs = typeof leaseEndsAt === 'number' ? leaseEndsAt - this.#clock.now() : 0;
    return leaseRemainingMs > 0 ? { kind: 'running', attempt, leaseRemainingMs } : undefined;
  }

  #outcome({ outcome, expiresAt }: Ended): StoredOutcome {
    const payload = new Uint8Array(outcome.payload);
    return { ...outcome, payload, expiresAtMs: this.#wallMs(expiresAt) };
  }

  #wallMs(at: number): number {
    return Math.round(this.#clock.wallMs() + at - this.#clock.now());
  }

  #notify(recordId: string): void {
    if (!this.#watchers.has(recordId)) return;
    // Later, as a message from Redis would: the transition is over before anyone looks.
    queueMicrotask(() => {
      this.#watchers.notify(recordId);
    });
  }
}

/** What `decide` returns or throws, as a promise. */
function promiseOf<T>(decide: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(decide());
  });
}
