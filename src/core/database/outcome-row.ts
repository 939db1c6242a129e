import { randomUUID } from 'node:crypto';
import type { SqlRow } from './idempotent-database.js';

/** A committed row of the table of outcomes. */
export interface OutcomeRow {
  readonly fingerprint: string;
  readonly fence: number;
  readonly outcome: Buffer;
  /** Whether it has outlived what it was to be kept for. */
  readonly expired: boolean;
}

/** Stands before what a claim puts in the place of its outcome; no payload begins so. */
const CLAIM_MARK = 0;

/** New bytes to store until there is an outcome; no other claim has them. */
export function newClaimBytes(): Buffer {
  return Buffer.concat([Buffer.of(CLAIM_MARK), Buffer.from(randomUUID(), 'latin1')]);
}

/** Whether a row has no outcome yet. */
export function isClaim({ outcome }: OutcomeRow): boolean {
  return outcome[0] === CLAIM_MARK;
}

/**
 * Reads a row as drivers give it: numbers may be strings or bigints, and bytes any kind of array.
 *
 * @throws Error when it is none
 */
export function outcomeRowOf(row: SqlRow): OutcomeRow {
  const { fingerprint, fence, outcome, expired } = row;
  if (typeof fingerprint !== 'string') throw new Error('The fingerprint of an outcome is no text.');
  return {
    fingerprint,
    fence: numberOf(fence, 'fence'),
    outcome: outcomeBytesOf(outcome),
    expired: numberOf(expired, 'expiry') > 0,
  };
}

/** @throws Error when it is no whole number */
export function numberOf(value: unknown, what: string): number {
  const number = typeof value === 'boolean' || typeof value === 'object' ? NaN : Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new Error(`The database gave a ${what} that is no whole number.`);
}

/**
 * Reads bytes as drivers give them.
 *
 * @throws Error when it is none
 */
export function outcomeBytesOf(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  throw new Error('The database gave an outcome that is no bytes.');
}
