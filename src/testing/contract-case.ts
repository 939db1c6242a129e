import { randomBytes } from 'node:crypto';
import { randomText } from '../core/record/key.js';
import { FINGERPRINT_LENGTH, OWNER_LENGTH, RECORD_DIGEST_LENGTH } from '../core/record/record.js';
import type {
  BeginRequest,
  Claimed,
  CompleteRequest,
  IdempotencyStore,
} from '../core/record/store.js';

/** A store under test, empty or with records of its own. */
export interface StoreSubject {
  /** The store under test. */
  readonly store: IdempotencyStore;
  /** The same records as another process sees them; `store` itself if there is only one view. */
  readonly other: IdempotencyStore;
  /** Lets at least `ms` pass for the records; how little more must not matter. */
  readonly pass: (ms: number) => Promise<void>;
  /** Frees everything that was opened for the subject. */
  readonly close: () => Promise<void>;
}

/** One thing that a store must keep. */
export interface StoreContractCase {
  /** A sentence. */
  readonly name: string;
  /** Rejects with an AssertionError when the store does not keep it. */
  readonly run: (subject: StoreSubject) => Promise<void>;
}

/** In milliseconds: what must not pass within a case, what shall, and what leaves time to act. */
export const LONG_MS = 600_000;
export const SHORT_MS = 40;
export const SECOND_MS = 1_000;

/** A request for a record of its own that nothing will make lapse. */
export function beginRequest(overrides: Partial<BeginRequest> = {}): BeginRequest {
  return {
    recordId: `contract:${randomText(RECORD_DIGEST_LENGTH, randomBytes)}`,
    fingerprint: randomText(FINGERPRINT_LENGTH, randomBytes),
    owner: randomText(OWNER_LENGTH, randomBytes),
    leaseMs: LONG_MS,
    retentionMs: 2 * LONG_MS,
    onLapse: 'reject',
    waits: true,
    timeoutMs: 5_000,
    ...overrides,
  };
}

/** The same question, asked by somebody else. */
export function rival(begin: BeginRequest, overrides: Partial<BeginRequest> = {}): BeginRequest {
  return { ...begin, owner: randomText(OWNER_LENGTH, randomBytes), ...overrides };
}

/** Claims the record, which must be possible. */
export async function claim(store: IdempotencyStore, begin: BeginRequest): Promise<Claimed> {
  const reply = await store.begin(begin);
  if (reply.kind !== 'claimed') throw new Error(`Expected a claim, but it was ${reply.kind}.`);
  return reply;
}

/**
 * A view on the middle of a larger buffer, as the library's payloads are: to keep the buffer is to keep
 * what belongs to others.
 *
 * @returns the view, and what its owner does with its memory afterwards
 */
export function lentView(bytes: Uint8Array): {
  readonly view: Uint8Array;
  readonly reuse: () => void;
} {
  const buffer = new Uint8Array(bytes.length + 64).fill(0xee);
  const view = buffer.subarray(32, 32 + bytes.length);
  view.set(bytes);
  return { view, reuse: () => buffer.fill(0xaa) };
}

/** Ends a claim with a small value. */
export function completion(
  begin: BeginRequest,
  claimed: Claimed,
  overrides: Partial<CompleteRequest> = {},
): CompleteRequest {
  const { recordId, fingerprint, owner } = begin;
  const { fence, attempt } = claimed;
  const payload = new TextEncoder().encode('the outcome');
  return {
    ...{ recordId, fingerprint, owner, fence, attempt },
    status: 'value',
    payload,
    ttlMs: LONG_MS,
    ...overrides,
  };
}
