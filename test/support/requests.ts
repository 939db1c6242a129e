import { randomBytes } from 'node:crypto';
import type { BeginRequest, Claimed, CompleteRequest, IdempotencyStore } from '../../src/index.js';

const random = (length: number): string =>
  randomBytes(length).toString('base64url').slice(0, length);

/** A request for a record of its own. */
export function newBegin(overrides: Partial<BeginRequest> = {}): BeginRequest {
  return {
    recordId: random(32),
    fingerprint: random(43),
    owner: random(22),
    leaseMs: 30_000,
    retentionMs: 60_000,
    onLapse: 'reject',
    waits: false,
    timeoutMs: 5_000,
    ...overrides,
  };
}

/** The same request by somebody else. */
export function rivalOf(begin: BeginRequest, overrides: Partial<BeginRequest> = {}): BeginRequest {
  return { ...begin, owner: random(22), ...overrides };
}

/** The end of a claim. */
export function completionOf(
  { recordId, fingerprint, owner }: BeginRequest,
  { fence, attempt }: Claimed,
  payload: Uint8Array = Buffer.from('the outcome'),
): CompleteRequest {
  const claim = { recordId, fingerprint, owner, fence, attempt };
  return { ...claim, status: 'value', payload, ttlMs: 60_000 };
}

/** Claims a record that must be free. */
export async function claimed(store: IdempotencyStore, begin: BeginRequest): Promise<Claimed> {
  const reply = await store.begin(begin);
  if (reply.kind !== 'claimed') throw new Error(`Expected a claim, but it was ${reply.kind}.`);
  return reply;
}

/** Claims and completes a record. */
export async function completed(
  store: IdempotencyStore,
  begin: BeginRequest,
  payload?: Uint8Array,
): Promise<void> {
  await store.complete(completionOf(begin, await claimed(store, begin), payload));
}
