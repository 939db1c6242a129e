import { newOwner } from '../record/key.js';
import type { BeginReply, BeginRequest, ReleaseReply } from '../record/store.js';
import { TimeoutError } from '../timeout.js';
import type { EngineContext } from './context.js';
import { HELD_PART } from './lease.js';
import type { EngineRequest } from './request.js';

/** A call for a record, and the store's reply. */
export interface BeginCall {
  readonly begin: BeginRequest;
  readonly reply: BeginReply;
  /** When the store was asked, in the local clock. */
  readonly askedAt: number;
}

/** Asks the store for records. */
export class Claimant {
  readonly #context: EngineContext;
  readonly #randomBytes: (size: number) => Uint8Array;

  constructor(context: EngineContext, randomBytes: (size: number) => Uint8Array) {
    this.#context = context;
    this.#randomBytes = randomBytes;
  }

  /**
   * Claims the record for a new owner, or reports what is in it.
   *
   * @throws what the store rejects with, or a TimeoutError
   */
  async begin(request: EngineRequest<object>): Promise<BeginCall> {
    const { store, timeouts, clock, events } = this.#context;
    const begin = this.#requestOf(request);
    const askedAt = clock.now();
    let asked: Promise<BeginReply> | undefined;
    try {
      const reply = await timeouts.limit(() => (asked = store.begin(begin)));
      checkHeld(begin, reply, clock.now() - askedAt);
      return { begin, reply, askedAt };
    } catch (error) {
      const { operation, recordId } = request;
      events.listener?.({ type: 'storeFailure', operation, recordId, error });
      this.#withdraw(begin, asked);
      throw error;
    }
  }

  /**
   * Gives up a claim that may have happened although its reply never came. The claim carries the same
   * deadline as its caller, so what has not happened by now will not; should the store's clock
   * disagree, a reply that comes late is the second chance.
   */
  #withdraw({ recordId, owner }: BeginRequest, asked: Promise<BeginReply> | undefined): void {
    const { store, timeouts, writes } = this.#context;
    const give = (): void => {
      const send = (): Promise<ReleaseReply> =>
        store.release({ recordId, owner, mode: 'withdraw' });
      // Not essential: the claim would lapse by itself, and tell the truth about its outcome.
      timeouts.limit(send).catch((error: unknown) => {
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

  #requestOf({ recordId, policy, fingerprint, recover }: EngineRequest<object>): BeginRequest {
    return {
      recordId,
      fingerprint,
      owner: newOwner(this.#randomBytes),
      leaseMs: policy.leaseMs,
      // A crash is remembered at least as long as an outcome would have been.
      retentionMs: Math.max(policy.ttlMs, 2 * policy.leaseMs),
      onLapse: recover !== undefined ? 'recover' : policy.onCrash === 'RERUN' ? 'rerun' : 'reject',
      waits: policy.waitMs > 0,
      timeoutMs: this.#context.storeTimeoutMs,
    };
  }
}

/** A process that stood still may see its claim only when somebody else has taken it over. */
function checkHeld({ onLapse, leaseMs }: BeginRequest, { kind }: BeginReply, tookMs: number): void {
  if (kind !== 'claimed' || onLapse === 'reject' || tookMs < leaseMs * HELD_PART) return;
  throw new TimeoutError(`The store's answer was seen after ${Math.round(tookMs)} ms.`);
}
