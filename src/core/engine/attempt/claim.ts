import type { IdempotencyEvent } from '../../events.js';
import type { OutcomeStatus, StoredOutcome } from '../../record/record.js';
import type {
  BeginRequest,
  Claimed,
  CompleteReply,
  ReleaseMode,
  ReleaseReply,
} from '../../record/store.js';
import type { BeginCall } from '../begin-call.js';
import type { EngineContext } from '../context.js';
import type { Lease } from './lease.js';
import type { EngineRequest } from '../request.js';

/** A claim that the store granted to a request, and the writes to its record. */
export class Claim {
  readonly context: EngineContext;
  readonly request: EngineRequest<object>;
  readonly begin: BeginRequest;
  readonly granted: Claimed;
  readonly lease: Lease;
  readonly #claimedAt: number;

  constructor(
    context: EngineContext,
    request: EngineRequest<object>,
    { request: begin, askedAt }: BeginCall,
    granted: Claimed,
  ) {
    this.context = context;
    this.request = request;
    this.begin = begin;
    this.granted = granted;
    this.lease = context.leases.hold(begin, askedAt);
    this.#claimedAt = context.clock.now();
    if (context.events.listener === undefined) return;
    const { about } = this;
    const { previous } = granted;
    this.emit({ type: 'claimed', ...about, previous, durationMs: this.#claimedAt - askedAt });
    if (previous === 'lapsed') this.emit({ type: 'takeover', ...about });
  }

  /** The fields that events report about this attempt. */
  get about() {
    const { operation, recordId } = this.request;
    return { operation, recordId, attempt: this.granted.attempt };
  }

  /** The time since the claim, in milliseconds. */
  get durationMs(): number {
    return this.context.clock.now() - this.#claimedAt;
  }

  emit(event: IdempotencyEvent): void {
    this.context.events.listener?.(event);
  }

  /**
   * Stores the outcome of the execution.
   *
   * Invariant: the lease is renewed until the outcome is stored or given up.
   *
   * @returns `undefined` if the store did not accept it; the write is then repeated in the background
   */
  protected store(status: OutcomeStatus, payload: Uint8Array): Promise<CompleteReply | undefined> {
    const { store, timeouts } = this.context;
    const { recordId, fingerprint, owner } = this.begin;
    const { fence, attempt } = this.granted;
    const { ttlMs } = this.request.policy;
    const request = { recordId, fingerprint, owner, fence, attempt, status, payload, ttlMs };
    const send = (): Promise<CompleteReply> => store.complete(request);
    return timeouts.limit(send).then(
      (reply) => {
        this.#observe(reply);
        return reply;
      },
      (error: unknown) => {
        this.#storeLater(send, error);
        return undefined;
      },
    );
  }

  /** The outcome as the store keeps it, or will keep it. */
  protected outcome(
    status: OutcomeStatus,
    payload: Uint8Array,
    reply?: CompleteReply,
  ): StoredOutcome {
    const stored = reply?.kind === 'stored' ? reply : undefined;
    return {
      status: stored?.status ?? status,
      payload,
      attempt: this.granted.attempt,
      fence: this.granted.fence,
      expiresAtMs: stored?.expiresAtMs ?? this.context.clock.wallMs() + this.request.policy.ttlMs,
    };
  }

  /**
   * Gives the claim up, in the background if the store is away.
   *
   * @param before - work that must end before the store is called
   */
  protected async release(
    mode: ReleaseMode,
    before: () => Promise<void>,
  ): Promise<ReleaseReply | undefined> {
    const { store, timeouts, writes } = this.context;
    const { recordId, owner } = this.begin;
    this.lease.stop();
    const send = async (): Promise<ReleaseReply> => {
      await before();
      return store.release({ recordId, owner, mode });
    };
    try {
      return await timeouts.limit(send);
    } catch (error) {
      const failed = (latest: unknown): void => {
        const { operation } = this.request;
        this.emit({ type: 'storeFailure', operation, recordId, error: latest });
      };
      failed(error);
      writes.repeat({ essential: true, send, onGivenUp: failed }, error);
      return undefined;
    }
  }

  /** Reports that the outcome is not stored; `final`: it never will be. */
  protected notStored(error: unknown, final: boolean): void {
    this.emit({ type: 'notStored', ...this.about, final, error });
  }

  #storeLater(send: () => Promise<CompleteReply>, error: unknown): void {
    this.notStored(error, false);
    this.context.writes.repeat(
      {
        essential: true,
        send,
        onSuccess: (reply) => {
          this.#observe(reply);
        },
        onGivenUp: (latest) => {
          this.lease.stop();
          this.notStored(latest, true);
        },
      },
      error,
    );
  }

  #observe(reply: CompleteReply): void {
    this.lease.stop();
    const { operation, recordId } = this.request;
    if (reply.kind === 'superseded') this.emit({ type: 'stale', ...this.about });
    else if (reply.kind === 'unreadable') {
      this.emit({ type: 'unreadable', operation, recordId, reason: reply.reason });
    } else if (reply.recreated) this.emit({ type: 'claimLost', ...this.about });
  }
}
