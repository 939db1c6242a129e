import type { RecordedStep, StepState } from '../../core/record/record.js';
import type { Completed, Lapsed, Mismatch, Running, Unreadable } from '../../core/record/store.js';
import { readHeader, readOutcome } from './packed-outcome.js';

/** The letter that a step in a record begins with. */
export const STEP_LETTERS: Readonly<Record<StepState, string>> = Object.freeze({
  started: 'S',
  value: 'V',
  unavailable: 'U',
});

/** A completed record that is not what was written. */
const DAMAGED: Unreadable = Object.freeze({ kind: 'unreadable', reason: 'damaged outcome' });

/** The latest time a `Date` can hold: for a record whose expiry somebody has taken away. */
const NEVER_MS = 8_640_000_000_000_000;

/**
 * A script's reply: a line of words, and fields of any bytes behind it. The first word is its kind,
 * the second Redis's time. Words and fields are read in their order.
 */
export class ScriptReply {
  readonly kind: string;
  /** Redis's time when the script ran, in milliseconds. */
  readonly serverNowMs: number;
  readonly #words: readonly string[];
  readonly #fields: readonly unknown[];
  #nextWord = 2;
  #nextField = 1;

  constructor(raw: unknown) {
    this.#fields = Array.isArray(raw) ? raw : [raw];
    const [line] = this.#fields;
    this.#words = Buffer.isBuffer(line) ? line.toString('latin1').split(' ') : [];
    this.kind = String(this.#words[0]);
    this.serverNowMs = Number(this.#words[1]);
    if (!Number.isSafeInteger(this.serverNowMs)) throw this.unexpected();
  }

  /** Whether words are left to be read. */
  get hasWords(): boolean {
    return this.#nextWord < this.#words.length;
  }

  /** Whether fields are left to be read. */
  get hasFields(): boolean {
    return this.#nextField < this.#fields.length;
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

  /** The next field. */
  bytes(): Uint8Array {
    const field = this.#fields[this.#nextField++];
    if (field instanceof Uint8Array) return field;
    throw this.unexpected();
  }

  #text(): string {
    return Buffer.from(this.bytes()).toString('utf8');
  }

  /** The next word, a time on Redis's clock; Redis says -1 for "never". */
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

  /** What to make of a record whose header, if it was sent, is not what was written. */
  damagedHeader(): Unreadable | undefined {
    return this.hasFields && readHeader(this.bytes()) === undefined ? DAMAGED : undefined;
  }

  /** The fields that are left: steps, each behind its name. */
  steps(): ReadonlyMap<string, RecordedStep> {
    const steps = new Map<string, RecordedStep>();
    while (this.hasFields) steps.set(this.#text(), this.#step());
    return steps;
  }

  #step(): RecordedStep {
    const bytes = this.bytes();
    const letter = String.fromCharCode(bytes[0] ?? 0);
    const payload = bytes.subarray(1);
    if (letter === STEP_LETTERS.value && payload.length > 0) return { state: 'value', payload };
    // A step that cannot be read has run, or may have: it is not to be run again.
    const state = letter === STEP_LETTERS.started ? 'started' : 'unavailable';
    return { state, payload: bytes.subarray(0, 0) };
  }

  /** What is left of the line of an unreadable record. */
  unreadable(): Unreadable {
    return { kind: 'unreadable', reason: this.#words.slice(this.#nextWord).join(' ') };
  }

  /** What to throw at a reply that no script of ours gives. */
  unexpected(): Error {
    return new Error(`Redis gave an unexpected reply of kind "${this.kind.slice(0, 40)}".`);
  }
}

/** Reads what `begin` and `peek` both tell of a record that they found. */
export function parseFound(
  reply: ScriptReply,
): Running | Lapsed | Completed | Mismatch | Unreadable {
  switch (reply.kind) {
    case 'running':
      return { kind: 'running', attempt: reply.integer(), leaseRemainingMs: reply.integer() };
    case 'lapsed':
      return { kind: 'lapsed', attempt: reply.integer() };
    case 'completed':
      return reply.completed();
    case 'mismatch':
      return reply.damagedHeader() ?? { kind: 'mismatch' };
    case 'unreadable':
      return reply.unreadable();
    default:
      throw reply.unexpected();
  }
}
