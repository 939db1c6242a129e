import { newOwner } from '../record/key.js';
import type { BeginReply, BeginRequest, ReleaseReply } from '../record/store.js';
import { TimeoutError } from '../async/timeout.js';
import type { EngineContext } from './context.js';
import { HELD_PART } from './attempt/lease.js';
import type { EngineRequest } from './request.js';

/** The store's request to claim a record for a new owner. */
export function beginRequestOf(
  { recordId, policy, fingerprint, recover }: EngineRequest<object>,
  { randomBytes, storeTimeoutMs }: EngineContext,
): BeginRequest {
  return {
    recordId,
    fingerprint,
    owner: newOwner(randomBytes),
    leaseMs: policy.leaseMs,
    // A crash is remembered at least as long as an outcome would have been.
    retentionMs: Math.max(policy.ttlMs, 2 * policy.leaseMs),
    onLapse: recover !== undefined ? 'recover' : policy.onCrash === 'RERUN' ? 'rerun' : 'reject',
    waits: policy.waitMs > 0,
    timeoutMs: storeTimeoutMs,
  };
}

/**
 * Rejects a claim whose reply came late: while the process was paused, another one may have taken over.
 *
 * @throws TimeoutError
 */
export function refuseLateClaim(
  { onLapse, leaseMs }: BeginRequest,
  { kind }: BeginReply,
  tookMs: number,
): void {
  if (kind !== 'claimed' || onLapse === 'reject' || tookMs < leaseMs * HELD_PART) return;
  throw new TimeoutError(`The store's answer was seen after ${Math.round(tookMs)} ms.`);
}

/**
 * Gives up a claim that may exist although its reply never came. The claim has the same deadline as its
 * caller, so a claim that does not exist by now never will. If the store's clock disagrees, a late
 * reply gives a second chance.
 *
 * @param asked - the store's reply, which may never come
 */
export function withdrawClaim(
  { store, timeouts, writes }: EngineContext,
  { recordId, owner }: BeginRequest,
  asked: Promise<BeginReply> | undefined,
): void {
  const send = async (): Promise<ReleaseReply> =>
    store.release({ recordId, owner, mode: 'withdraw' });
  const give = (): void => {
    // Not essential: the claim would lapse by itself, with its outcome correctly unknown.
    timeouts.limit(send()).catch((error: unknown) => {
      writes.repeat({ essential: false, send }, error);
    });
  };
  give();
  asked?.then(
    (reply) => {
      if (reply.kind === 'claimed') give();
    },
    () => undefined,
  );
}
