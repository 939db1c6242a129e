import type {
  Completed,
  Lapsed,
  Mismatch,
  Running,
  Unreadable,
} from '../../../core/record/store.js';
import { readHeader, readOutcome } from './packed-outcome.js';

/** The reply for a completed record that differs from the written one. */
const DAMAGED: Unreadable = Object.freeze({ kind: 'unreadable', reason: 'damaged outcome' });

const NOTHING: readonly never[] = [];

/** The latest time that a `Date` can hold, for a record whose expiry was removed. */
const NEVER_MS = 8_640_000_000_000_000;

/**
 * A script's reply for one key: `1` for the usual result, and otherwise a line of words, alone or
 * followed by bytes. The first word is the kind of the reply. For an outcome, the reply is its time of
 * expiry and the record. Words and bytes are read in order.
 */
export class ScriptReply {
  /** Redis's time when the script ran, in microseconds. */
  readonly nowUs: number;
  /** True for the usual result. */
  readonly isUsual: boolean;
  readonly #fields: readonly unknown[];
  readonly #words: readonly string[];
  #nextWord = 1;
  #nextField = 1;

  constructor(raw: unknown, nowUs: number) {
    this.nowUs = nowUs;
    const isPlain = !Array.isArray(raw) && !Buffer.isBuffer(raw);
    this.isUsual = isPlain && Number(raw) === 1;
    this.#fields = isPlain ? NOTHING : Buffer.isBuffer(raw) ? [raw] : raw;
    const [first] = this.#fields;
    if (isPlain) this.#words = NOTHING;
    else if (Buffer.isBuffer(first)) this.#words = first.toString('latin1').split(' ');
    else this.#words = ['outcome', String(first)];
  }

  /**
   * The replies of a script, one for each key.
   *
   * @throws Error when no script replies in this way
   */
  static each(raw: unknown): ScriptReply[] {
    const [time, ...replies]: readonly unknown[] = Array.isArray(raw) ? raw : NOTHING;
    const nowUs = Number(time);
    if (!Number.isSafeInteger(nowUs)) throw new Error('Redis gave an unexpected reply.');
    return replies.map((reply) => new ScriptReply(reply, nowUs));
  }

  /** The kind of the reply: its first word. */
  get kind(): string {
    return String(this.#words[0]);
  }

  /** Redis's time when the script ran, in milliseconds. */
  get nowMs(): number {
    return Math.floor(this.nowUs / 1_000);
  }

  /** True if there are more words. */
  get hasWords(): boolean {
    return this.#nextWord < this.#words.length;
  }

  /** The next word. */
  word(): string {
    const word = this.#words[this.#nextWord++];
    if (word === undefined) throw this.unexpected();
    return word;
  }

  /** The next word as an integer. */
  integer(): number {
    const value = Number(this.word());
    if (!Number.isSafeInteger(value)) throw this.unexpected();
    return value;
  }

  /** The next bytes. */
  bytes(): Uint8Array {
    const field = this.#fields[this.#nextField++];
    if (field instanceof Uint8Array) return field;
    throw this.unexpected();
  }

  /** The next word, a time on Redis's clock; -1 means "never". */
  expiry(): number {
    const value = this.integer();
    return value < 0 ? NEVER_MS : value;
  }

  /** The time at which a completed record expires, and the record. */
  completed(): Completed | Unreadable {
    const expiresAtMs = this.expiry();
    const outcome = readOutcome(this.bytes(), expiresAtMs);
    return outcome === undefined ? DAMAGED : { kind: 'completed', outcome };
  }

  /** The reply for a record whose header was sent and differs from the written one. */
  damagedHeader(): Unreadable | undefined {
    if (this.#nextField >= this.#fields.length) return undefined;
    return readHeader(this.bytes()) === undefined ? DAMAGED : undefined;
  }

  /** The rest of the line of an unreadable record. */
  unreadable(): Unreadable {
    return { kind: 'unreadable', reason: this.#words.slice(this.#nextWord).join(' ') };
  }

  /** The error for an unexpected reply. */
  unexpected(): Error {
    return new Error(`Redis gave an unexpected reply of kind "${this.kind.slice(0, 40)}".`);
  }
}

/** Parses the replies about an existing record that `begin` and `peek` share. */
export function parseFound(
  reply: ScriptReply,
): Running | Lapsed | Completed | Mismatch | Unreadable {
  switch (reply.kind) {
    case 'running':
      return { kind: 'running', attempt: reply.integer(), leaseRemainingMs: reply.integer() };
    case 'lapsed':
      return { kind: 'lapsed', attempt: reply.integer() };
    case 'outcome':
      return reply.completed();
    case 'mismatch':
      return reply.damagedHeader() ?? { kind: 'mismatch' };
    case 'unreadable':
      return reply.unreadable();
    default:
      throw reply.unexpected();
  }
}
