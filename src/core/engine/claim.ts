import { TimeoutError, withTimeout } from '../timeout.js';
import { HELD_PART } from './lease.js';
import type { ExecuteRequest } from './execute-request.js';
import { newOwner } from '../record/key.js';
import type { EngineContext } from './context.js';
import type { BeginReply, BeginRequest } from '../record/store.js';

/** What was asked for a request, and what the store said. */
export interface Asked {
  readonly begin: BeginRequest;
  readonly reply: BeginReply;
  /** When the store was asked, in the local clock. */
  readonly askedAt: number;
}

/** Asks the store for a request's record. */
export interface Claimant {
  /**
   * Claims the record for a new owner, or learns what is in it.
   *
   * @throws what the store rejects with, or a TimeoutError
   */
  ask(request: ExecuteRequest<unknown>): Promise<Asked>;
}

/** Creates the claimant of an engine. */
export function createClaimant(
  { store, storeTimeoutMs, clock, persistence, events }: EngineContext,
  randomBytes: (size: number) => Uint8Array,
): Claimant {
  /**
   * Gives up a claim that may have happened although its reply never came. The claim carries the
   * same deadline as its caller, so what has not happened by now will not; should the store's
   * clock disagree, a reply that comes late is the second chance.
   */
  function withdraw({ recordId, owner }: BeginRequest, asked: Promise<BeginReply>): void {
    const give = async (): Promise<void> => {
      // Not essential: the claim would lapse by itself, and tell the truth about its outcome.
      const report = { essential: false };
      await persistence.persist(() => store.release({ recordId, owner, mode: 'withdraw' }), report);
    };
    void give();
    asked.then(
      (reply) => (reply.kind === 'claimed' ? give() : undefined),
      () => undefined,
    );
  }

  /** A store that throws has rejected. */
  const ask = async (begin: BeginRequest): Promise<BeginReply> => store.begin(begin);

  return {
    async ask(request) {
      const begin = beginRequest(request, storeTimeoutMs, newOwner(randomBytes));
      const askedAt = clock.now();
      const asked = ask(begin);
      try {
        const reply = await withTimeout(asked, storeTimeoutMs, clock);
        checkHeld(begin, reply, clock.now() - askedAt);
        return { begin, reply, askedAt };
      } catch (error) {
        const { operation, recordId } = request;
        events.listener?.({ type: 'storeFailure', operation, recordId, error });
        withdraw(begin, asked);
        throw error;
      }
    },
  };
}

/** A process that stood still may see its claim only when somebody else has taken it over. */
function checkHeld({ onLapse, leaseMs }: BeginRequest, { kind }: BeginReply, tookMs: number): void {
  if (kind !== 'claimed' || onLapse === 'reject' || tookMs < leaseMs * HELD_PART) return;
  throw new TimeoutError(`The store's answer was seen after ${Math.round(tookMs)} ms.`);
}

function beginRequest(
  { recordId, policy, fingerprint, recover }: ExecuteRequest<unknown>,
  timeoutMs: number,
  owner: string,
): BeginRequest {
  return {
    recordId,
    fingerprint,
    owner,
    leaseMs: policy.leaseMs,
    // A crash is remembered at least as long as an outcome would have been.
    retentionMs: Math.max(policy.ttlMs, 2 * policy.leaseMs),
    onLapse: recover !== undefined ? 'recover' : policy.onCrash === 'RERUN' ? 'rerun' : 'reject',
    waits: policy.waitMs > 0,
    timeoutMs,
  };
}
