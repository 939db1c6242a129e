import type { BeginRequest, Claimed, CompleteRequest, IdempotencyStore } from '../../src/index.js';
import { beginRequest, claim, completion } from '../../src/testing/contract-case.js';

export { claim as claimed, rival as rivalOf } from '../../src/testing/contract-case.js';

/** A request for a record of its own, with the lease that the library takes by default. */
export function newBegin(overrides: Partial<BeginRequest> = {}): BeginRequest {
  return beginRequest({ leaseMs: 30_000, retentionMs: 60_000, waits: false, ...overrides });
}

/** The end of a claim. */
export function completionOf(
  begin: BeginRequest,
  claimed: Claimed,
  overrides: Partial<CompleteRequest> = {},
): CompleteRequest {
  return completion(begin, claimed, { ttlMs: 60_000, ...overrides });
}

/** Claims and completes a record. */
export async function completed(
  store: IdempotencyStore,
  begin: BeginRequest,
  overrides: Partial<CompleteRequest> = {},
): Promise<void> {
  await store.complete(completionOf(begin, await claim(store, begin), overrides));
}
