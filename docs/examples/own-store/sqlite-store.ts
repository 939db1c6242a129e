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
  StoredOutcome,
} from 'graphql-idempotency';
import Libsql from 'libsql';
import { claim, claimed, type Ended, type Open } from './record.js';

/** A record is not claimed again after this many attempts. */
const ATTEMPTS_MAX = 99;
/** How often a waiter looks: SQLite tells nobody of changes. */
const POLL_MS = 50;

interface Row {
  readonly record: string;
  readonly payload: Uint8Array | null;
  readonly expiresAt: number;
}

/** Keeps records in one SQLite file, for all processes of one machine. */
export class SqliteStore implements IdempotencyStore {
  readonly name = 'sqlite';
  readonly #db: Libsql.Database;

  constructor(file: string) {
    this.#db = new Libsql(file);
    this.#db.pragma('busy_timeout = 1000');
    this.#db.pragma('journal_mode = WAL');
    this.#db.pragma('synchronous = FULL');
    this.#db.exec(`CREATE TABLE IF NOT EXISTS records (
      id TEXT PRIMARY KEY, record TEXT NOT NULL, payload BLOB, expiresAt INTEGER NOT NULL
    )`);
  }

  begin(request: BeginRequest): Promise<BeginReply> {
    const { recordId, fingerprint, owner, onLapse, retentionMs, timeoutMs } = request;
    const giveUpAt = Date.now() + timeoutMs;
    return this.#transition(recordId, (row, nowMs) => {
      const found = row && recordIn(row);
      if (found !== undefined && found.fingerprint !== fingerprint) return { kind: 'mismatch' };
      if (row !== undefined && found?.kind === 'ended') {
        return { kind: 'completed', outcome: outcomeIn(found, row) };
      }
      const record = found?.kind === 'open' ? found : undefined;
      if (record !== undefined) {
        // The same request sent again. A claim that was given up meanwhile is not revived.
        if (record.owner === owner && typeof record.leaseEndsAt === 'number')
          return claimed(record);
        const running = runningIn(record, nowMs);
        if (running !== undefined) return running;
        const mayTakeOver =
          record.leaseEndsAt === 'released' ||
          onLapse === 'recover' ||
          (onLapse === 'rerun' && record.policy === 'rerun');
        if (!mayTakeOver || record.attempt >= ATTEMPTS_MAX) {
          return { kind: 'lapsed', attempt: record.attempt };
        }
      }
      // The caller is gone: its claim must not stay behind.
      if (nowMs > giveUpAt) throw new Error('The claim came too late.');
      const mine = claim(request, record, nowMs);
      this.#write(recordId, mine, nowMs + retentionMs);
      return claimed(mine);
    });
  }

  peek({ recordId, fingerprint }: PeekRequest): Promise<PeekReply> {
    return this.#transition(recordId, (row, nowMs) => {
      if (row === undefined) return { kind: 'vacant' };
      const record = recordIn(row);
      if (record.fingerprint !== fingerprint) return { kind: 'mismatch' };
      if (record.kind === 'ended') return { kind: 'completed', outcome: outcomeIn(record, row) };
      if (record.leaseEndsAt === 'released' && record.attempt < ATTEMPTS_MAX) {
        return { kind: 'vacant' };
      }
      return runningIn(record, nowMs) ?? { kind: 'lapsed', attempt: record.attempt };
    });
  }

  complete(request: CompleteRequest): Promise<CompleteReply> {
    const { recordId, fingerprint, owner, fence, attempt, status, payload, ttlMs } = request;
    return this.#transition(recordId, (row, nowMs) => {
      const record = row && recordIn(row);
      const same = record?.fingerprint === fingerprint;
      if (record !== undefined && (record.owner !== owner || (record.kind === 'open' && !same))) {
        const theirs = row !== undefined && record.kind === 'ended' && same;
        return { kind: 'superseded', outcome: theirs ? outcomeIn(record, row) : undefined };
      }
      // The first outcome wins; the same one again changes nothing.
      if (row !== undefined && record?.kind === 'ended') {
        return { kind: 'stored', expiresAtMs: row.expiresAt, recreated: false };
      }
      const expiresAtMs = nowMs + ttlMs;
      const ended: Ended = { kind: 'ended', fingerprint, owner, fence, attempt, status };
      this.#write(recordId, ended, expiresAtMs, payload);
      return { kind: 'stored', expiresAtMs, recreated: record === undefined };
    });
  }

  renew({ recordId, owner, leaseMs, retentionMs }: RenewRequest): Promise<RenewReply> {
    return this.#transition(recordId, (row, nowMs) => {
      const record = ownedIn(row, owner);
      if (row === undefined || record === undefined || record.leaseEndsAt === 'released') {
        return 'lost';
      }
      const renewed = { ...record, leaseEndsAt: nowMs + leaseMs };
      this.#write(recordId, renewed, Math.max(row.expiresAt, nowMs + retentionMs));
      return 'renewed';
    });
  }

  step({ recordId, owner, name, state, payload, leaseMs }: StepRequest): Promise<StepReply> {
    return this.#transition(recordId, (row, nowMs) => {
      const record = ownedIn(row, owner);
      if (row === undefined || record === undefined || record.leaseEndsAt === 'released') {
        return 'lost';
      }
      const others = record.steps.filter(([other]) => other !== name);
      const step = [name, state, Buffer.from(payload).toString('base64')] as const;
      const changed = { ...record, steps: [...others, step], leaseEndsAt: nowMs + leaseMs };
      this.#write(recordId, changed, row.expiresAt);
      return 'recorded';
    });
  }

  release({ recordId, owner, mode }: ReleaseRequest): Promise<ReleaseReply> {
    return this.#transition(recordId, (row) => {
      const record = ownedIn(row, owner);
      if (row === undefined || record === undefined) return 'lost';
      if (typeof record.leaseEndsAt !== 'number') return 'released';
      const { displaced, attempt, previous, steps } = record;
      if (mode === 'withdraw' && attempt > 1) {
        const leaseEndsAt = previous === 'released' ? 'released' : 'withdrawn';
        const before = { ...record, owner: displaced, attempt: attempt - 1, leaseEndsAt } as const;
        this.#write(recordId, before, row.expiresAt);
      } else if (mode === 'keep' || steps.length > 0) {
        this.#write(recordId, { ...record, leaseEndsAt: 'released' }, row.expiresAt);
      } else {
        this.#db.prepare('DELETE FROM records WHERE id = ?').run(recordId);
      }
      return 'released';
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
    return this.#transition('', () => undefined);
  }

  check(): Promise<StoreCheck> {
    return Promise.resolve({ problems: [], refuses: false });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Removes records that have expired; call it now and then. */
  purge(): void {
    this.#db.prepare('DELETE FROM records WHERE expiresAt <= ?').run(Date.now());
  }

  /**
   * Decides on one record. `IMMEDIATE` takes the one lock for writers before it reads, so nobody can
   * change the record between the look and the change. What `decide` throws undoes everything.
   */
  #transition<T>(recordId: string, decide: (row: Row | undefined, nowMs: number) => T): Promise<T> {
    const look = this.#db.prepare('SELECT record, payload, expiresAt FROM records WHERE id = ?');
    const run = this.#db.transaction(() => {
      const nowMs = Date.now();
      const [row] = look.all(recordId) as Row[];
      return decide(row !== undefined && row.expiresAt > nowMs ? row : undefined, nowMs);
    });
    return new Promise((resolve) => {
      resolve(run.immediate());
    });
  }

  #write(id: string, record: Open | Ended, expiresAt: number, payload?: Uint8Array): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)')
      .run(
        id,
        JSON.stringify(record),
        payload === undefined ? null : Buffer.from(payload),
        expiresAt,
      );
  }
}

function recordIn({ record }: Row): Open | Ended {
  return JSON.parse(record) as Open | Ended;
}

/** The record, if it is open and that is its owner. */
function ownedIn(row: Row | undefined, owner: string): Open | undefined {
  const record = row && recordIn(row);
  return record?.kind === 'open' && record.owner === owner ? record : undefined;
}

function runningIn({ attempt, leaseEndsAt }: Open, nowMs: number): Running | undefined {
  const leaseRemainingMs = typeof leaseEndsAt === 'number' ? leaseEndsAt - nowMs : 0;
  return leaseRemainingMs > 0 ? { kind: 'running', attempt, leaseRemainingMs } : undefined;
}

function outcomeIn({ status, fence, attempt }: Ended, { payload, expiresAt }: Row): StoredOutcome {
  const bytes = payload === null ? new Uint8Array() : new Uint8Array(payload);
  return { status, payload: bytes, fence, attempt, expiresAtMs: expiresAt };
}
