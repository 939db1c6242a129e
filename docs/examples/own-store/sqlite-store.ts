import {
  recordMachine,
  type BeginReply,
  type BeginRequest,
  type ChangeReply,
  type CompleteReply,
  type CompleteRequest,
  type ForgetRequest,
  type Found,
  type IdempotencyStore,
  type Inspection,
  type PeekReply,
  type PeekRequest,
  type RecordAdmin,
  type RecordState,
  type ReleaseReply,
  type ReleaseRequest,
  type RenewReply,
  type RenewRequest,
  type SettleRequest,
  type StepReply,
  type StepRequest,
  type StoreCheck,
  type Transition,
} from 'graphql-idempotency';
import Libsql from 'libsql';
import { rowOf, stateOf, type Row } from './row.js';

/** How often a waiter looks: SQLite tells nobody of changes. */
const POLL_MS = 50;

/** What a request makes of a record; the time in milliseconds, and a fence larger than all before. */
type Decide<T> = (found: Found, nowMs: number, fence: number) => Transition<T>;

/** Keeps records in one SQLite file, for all processes of one machine. */
export class SqliteStore implements IdempotencyStore, RecordAdmin {
  readonly name = 'sqlite';
  readonly #db: Libsql.Database;

  constructor(file: string) {
    this.#db = new Libsql(file);
    this.#db.pragma('busy_timeout = 1000');
    this.#db.pragma('journal_mode = WAL');
    this.#db.pragma('synchronous = FULL');
    this.#db.exec(`CREATE TABLE IF NOT EXISTS records (
      id TEXT PRIMARY KEY, record TEXT NOT NULL, payload BLOB, expiresAtMs INTEGER NOT NULL
    )`);
  }

  begin(request: BeginRequest): Promise<BeginReply> {
    const giveUpAt = Date.now() + request.timeoutMs;
    return this.#change(request.recordId, (found, nowMs, fence) => {
      const transition = recordMachine.begin(found, request, nowMs, fence);
      // The caller is gone: its claim must not stay behind.
      const claims = transition.reply.kind === 'claimed' && transition.next !== undefined;
      if (claims && nowMs > giveUpAt) throw new Error('The claim came too late.');
      return transition;
    });
  }

  peek(request: PeekRequest): Promise<PeekReply> {
    return this.#change(request.recordId, (found, nowMs) => {
      return { reply: recordMachine.peek(found, request, nowMs) };
    });
  }

  complete(request: CompleteRequest): Promise<CompleteReply> {
    return this.#change(request.recordId, (found, nowMs) => {
      return recordMachine.complete(found, request, nowMs);
    });
  }

  renew(request: RenewRequest): Promise<RenewReply> {
    return this.#change(request.recordId, (found, nowMs) => {
      return recordMachine.renew(found, request, nowMs);
    });
  }

  step(request: StepRequest): Promise<StepReply> {
    const giveUpAt = Date.now() + request.timeoutMs;
    return this.#change(request.recordId, (found, nowMs) => {
      // Its caller has given up: the mark would tell of a step that never ran.
      if (request.state === 'started' && nowMs > giveUpAt) throw new Error('It came too late.');
      return recordMachine.step(found, request, nowMs);
    });
  }

  release(request: ReleaseRequest): Promise<ReleaseReply> {
    return this.#change(request.recordId, (found) => recordMachine.release(found, request));
  }

  inspect(recordId: string): Promise<Inspection> {
    return this.#change(recordId, (found, nowMs) => {
      return { reply: recordMachine.inspect(found, nowMs) };
    });
  }

  settle(request: SettleRequest): Promise<ChangeReply> {
    return this.#change(request.recordId, (found, nowMs, fence) => {
      return recordMachine.settle(found, request, nowMs, fence);
    });
  }

  forget(request: ForgetRequest): Promise<ChangeReply> {
    return this.#change(request.recordId, (found, nowMs) => {
      return recordMachine.forget(found, request, nowMs);
    });
  }

  /** Rings now and then; who is woken looks again. */
  watch(_recordId: string, onChange: () => void): Promise<() => void> {
    const timer = setInterval(onChange, POLL_MS).unref();
    return Promise.resolve(() => {
      clearInterval(timer);
    });
  }

  ping(): Promise<void> {
    return this.#change('', () => ({ reply: undefined }));
  }

  check(): Promise<StoreCheck> {
    return Promise.resolve({ problems: [], refuses: false });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Removes records that have expired; call it now and then. */
  purge(): void {
    this.#db.prepare('DELETE FROM records WHERE expiresAtMs <= ?').run(Date.now());
  }

  /**
   * Decides on one record. `IMMEDIATE` takes the one lock for writers before it reads, so nobody can
   * change the record between the look and the change. What `decide` throws undoes everything.
   */
  #change<T>(recordId: string, decide: Decide<T>): Promise<T> {
    const look = this.#db.prepare('SELECT * FROM records WHERE id = ? AND expiresAtMs > ?');
    const run = this.#db.transaction(() => {
      const nowMs = Date.now();
      const [row] = look.all(recordId, nowMs) as Row[];
      const fence = Math.floor((performance.timeOrigin + performance.now()) * 1_000);
      const { reply, next } = decide(row && stateOf(row), nowMs, fence);
      if (next !== undefined) this.#write(recordId, next);
      return reply;
    });
    return new Promise((resolve) => {
      resolve(run.immediate());
    });
  }

  #write(id: string, next: RecordState | null): void {
    if (next === null) {
      this.#db.prepare('DELETE FROM records WHERE id = ?').run(id);
      return;
    }
    const { record, payload, expiresAtMs } = rowOf(next);
    this.#db
      .prepare('INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)')
      .run(id, record, payload, expiresAtMs);
  }
}
