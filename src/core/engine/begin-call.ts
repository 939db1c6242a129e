import { TimeoutError } from '../async/timeout.js';
import { newOwner } from '../record/key.js';
import type { BeginReply, BeginRequest, ReleaseReply } from '../record/store.js';
import { HELD_PART } from './attempt/lease.js';
import type { EngineContext } from './context.js';
import type { EngineRequest } from './request.js';

/** One call to the store to claim a record for a new owner. */
export class BeginCall {
  readonly request: BeginRequest;
  /** The time of the call, in the local clock. */
  readonly askedAt: number;
  readonly #context: EngineContext;
  #reply: Promise<BeginReply> | undefined;

  constructor(
    context: EngineContext,
    { recordId, policy, fingerprint, recover }: EngineRequest<object>,
  ) {
    this.#context = context;
    this.askedAt = context.clock.now();
    this.request = {
      recordId,
      fingerprint,
      owner: newOwner(context.randomBytes),
      leaseMs: policy.leaseMs,
      // A crash is remembered at least as long as an outcome would have been.
      retentionMs: Math.max(policy.ttlMs, 2 * policy.leaseMs),
      onLapse: recover !== undefined ? 'recover' : policy.onCrash === 'RERUN' ? 'rerun' : 'reject',
      waits: policy.waitMs > 0,
      timeoutMs: context.storeTimeoutMs,
    };
  }

  /** Calls the store. @throws its error; TimeoutError */
  reply(): Promise<BeginReply> {
    const { store, timeouts } = this.#context;
    return timeouts.limit(() => (this.#reply = store.begin(this.request)));
  }

  /**
   * Rejects a claim whose reply came late: while the process was paused, another one may have taken
   * over.
   *
   * @throws TimeoutError
   */
  refuseIfLate({ kind }: BeginReply): void {
    const { onLapse, leaseMs } = this.request;
    if (kind !== 'claimed' || onLapse === 'reject') return;
    const tookMs = this.#context.clock.now() - this.askedAt;
    if (tookMs < leaseMs * HELD_PART) return;
    throw new TimeoutError(`The store's answer was seen after ${Math.round(tookMs)} ms.`);
  }

  /**
   * Gives up a claim that may exist although its reply never came. The claim has the same deadline as
   * its caller, so a claim that does not exist by now never will. If the store's clock disagrees, a late
   * reply gives a second chance.
   */
  withdraw(): void {
    this.#withdrawNow();
    this.#reply?.then(
      ({ kind }) => {
        if (kind === 'claimed') this.#withdrawNow();
      },
      () => undefined,
    );
  }

  #withdrawNow(): void {
    const { store, timeouts, writes } = this.#context;
    const { recordId, owner } = this.request;
    const send = (): Promise<ReleaseReply> => store.release({ recordId, owner, mode: 'withdraw' });
    // Not essential: the claim would lapse by itself, with its outcome correctly unknown.
    timeouts.limit(send).catch((error: unknown) => {
      writes.repeat({ essential: false, send }, error);
    });
  }
}
