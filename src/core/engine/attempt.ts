import { Transactions } from '../database/transactions.js';
import { IdempotencyError } from '../errors.js';
import type { OutcomeStatus } from '../record/record.js';
import type { CompleteReply, ReleaseMode, ReleaseReply } from '../record/store.js';
import { refusals } from '../refusals.js';
import type { Claim } from './claim.js';
import { replayed, waitForOutcome } from './duplicates.js';
import type { Execution } from './execution.js';
import { AttemptHandle, ExecutionHandle } from './execution-handle.js';
import type { Place } from './place.js';
import type { AttemptInfo, Executed, Failed, Replayed } from './request.js';
import { Steps } from './steps.js';

const NO_BYTES = new Uint8Array();

/**
 * One claimed execution, from its claim to its end.
 *
 * Invariant: whoever is given an attempt ends it, once, by `complete`, `fail` or `withdraw`. Until
 * then its lease is renewed, duplicates wait for it, and so does a stopping server.
 */
export class Attempt<TFound extends object> {
  readonly kind = 'claimed';
  readonly claim: Claim;
  /** What `recover` found of earlier attempts: the resolver must not run then. */
  found: TFound | undefined;
  readonly #place: Place;
  #execution: Execution | undefined;
  #steps: Steps | undefined;
  #transactions: Transactions | undefined;
  #hasRun = false;

  constructor(claim: Claim, place: Place) {
    this.claim = claim;
    this.#place = place;
  }

  /** 1 for the first attempt. */
  get number(): number {
    return this.claim.granted.attempt;
  }

  /** What the resolver is given; made when somebody asks for it. */
  get execution(): Execution {
    return (this.#execution ??= Object.freeze(new ExecutionHandle(this)));
  }

  /** What `recover` is given. */
  get info(): AttemptInfo {
    return Object.freeze(new AttemptHandle(this.claim));
  }

  /** The resolver's steps. */
  get steps(): Steps {
    if (this.#steps === undefined) {
      this.#steps = new Steps(this.claim);
      if (this.#hasRun) this.#steps.end();
    }
    return this.#steps;
  }

  /** The resolver's transactions. */
  get transactions(): Transactions {
    if (this.#transactions === undefined) {
      const { context, request, begin, granted, lease } = this.claim;
      const { clock, cipher, events } = context;
      const { operation, recordId, fingerprint, stepCodec: codec, policy } = request;
      const { waitMs, leaseMs, ttlMs } = policy;
      const { fence, attempt } = granted;
      this.#transactions = new Transactions({
        ...{ operation, recordId, fingerprint, owner: begin.owner, fence, attempt },
        ...{ waitMs, leaseMs, ttlMs, signal: lease.signal, codec, cipher, clock, events },
        random: Math.random,
      });
      if (this.#hasRun) this.#transactions.end();
    }
    return this.#transactions;
  }

  /** The resolver is about to run another time under the same claim, and uses the same names. */
  again(): void {
    this.#steps?.again();
    this.#transactions?.again();
  }

  /**
   * Ends with an outcome.
   *
   * @param status - `unavailable` when the outcome cannot be kept
   * @param payload - empty when the outcome cannot be kept
   * @returns `replayed` if another request had taken over, and its outcome is the answer
   * @throws IdempotencyError when another one had taken over and its outcome cannot be given
   */
  async complete(
    status: Exclude<OutcomeStatus, 'failed'>,
    payload: Uint8Array,
  ): Promise<Executed | Replayed> {
    this.#stopUnits();
    try {
      const reply = await this.claim.complete(status, payload);
      if (reply?.kind !== 'superseded') return this.#executed(status, payload, reply);
      if (reply.outcome !== undefined) return replayed(reply.outcome, false);
      return await this.#completeAfterTakeover(status, payload);
    } finally {
      this.#place.end();
    }
  }

  /**
   * Ends with a failure.
   *
   * @param declined - the request was turned down rather than failed: never sealed, and nothing of it
   * is kept
   * @returns the error for the client, or the outcome of another request that had taken over
   */
  async fail(error: unknown, declined: boolean): Promise<Failed | Replayed> {
    const { claim } = this;
    if (this.found !== undefined) {
      // The effect is there, and what failed came after it: nobody can tell what that means.
      claim.emit({ type: 'recoverFailed', ...claim.about, error });
      return { kind: 'failed', error: await this.withdraw(() => refusals.outcomeUnknown(error)) };
    }
    this.#stopUnits();
    try {
      // Whatever was thrown, even one of our own errors: an effect may have come before it.
      if (claim.request.policy.onError === 'SEAL' && !declined) return await this.#seal(error);
      const isLost = claim.lease.isLost;
      const reply = await this.#release(declined ? 'withdraw' : this.#failureMode());
      // Whoever took over has the answer to this request too.
      if (isLost && reply === 'lost') {
        claim.emit({ type: 'stale', ...claim.about });
        return await this.#failAfterTakeover(error);
      }
      // A refusal of ours, as of a step, is told as `rejected`.
      if (!IdempotencyError.is(error)) {
        const { about, durationMs } = claim;
        claim.emit({ type: 'released', ...about, durationMs, declined });
      }
      return { kind: 'failed', error };
    } finally {
      this.#place.end();
    }
  }

  /**
   * Gives the claim up before anything ran: the attempt counts for nothing.
   *
   * @returns the refusal of its request
   */
  async withdraw(refusal: () => IdempotencyError): Promise<IdempotencyError> {
    this.#stopUnits();
    try {
      await this.#release('withdraw');
      return this.#place.refuse(refusal);
    } finally {
      this.#place.end();
    }
  }

  async #seal(error: unknown): Promise<Failed | Replayed> {
    const { claim } = this;
    const reply = await claim.complete('failed', NO_BYTES);
    if (reply?.kind === 'superseded') {
      if (reply.outcome !== undefined) return replayed(reply.outcome, false);
      return this.#failAfterTakeover(error);
    }
    this.#place.settle(claim.outcome('failed', NO_BYTES, reply));
    // One of ours says that a retry may run, which is not so any more.
    if (IdempotencyError.is(error)) return { kind: 'failed', error: refusals.sealed(error) };
    const { about, durationMs } = claim;
    claim.emit({ type: 'sealed', ...about, durationMs });
    return { kind: 'failed', error };
  }

  /** Another request has the record. If that one gives it back, this one's outcome counts after all. */
  async #completeAfterTakeover(
    status: OutcomeStatus,
    payload: Uint8Array,
  ): Promise<Executed | Replayed> {
    const { claim } = this;
    try {
      const answer = await this.#waitForOther();
      if (answer !== undefined) return answer;
    } catch (problem) {
      if (IdempotencyError.is(problem)) throw problem;
      // Nobody can say what the other's outcome is, but this one had an effect.
      claim.notStored(new Error('Another request took over, and the store is away.'), true);
      return this.#executed(status, payload, undefined);
    }
    const reply = await claim.complete(status, payload);
    if (reply?.kind !== 'superseded') return this.#executed(status, payload, reply);
    if (reply.outcome !== undefined) return replayed(reply.outcome, true);
    throw refusals.concurrent(claim.request.policy.leaseMs);
  }

  async #failAfterTakeover(error: unknown): Promise<Failed | Replayed> {
    try {
      return (await this.#waitForOther()) ?? { kind: 'failed', error };
    } catch (problem) {
      if (IdempotencyError.is(problem)) throw problem;
      return { kind: 'failed', error };
    }
  }

  async #waitForOther(): Promise<Replayed | undefined> {
    const { context, request } = this.claim;
    const outcome = await waitForOutcome(context, request, this.#place.waitUntil);
    if (outcome === undefined) return undefined;
    this.#place.settle(outcome);
    return replayed(outcome, true);
  }

  #executed(
    status: OutcomeStatus,
    payload: Uint8Array,
    reply: Exclude<CompleteReply, { kind: 'superseded' }> | undefined,
  ): Executed {
    const outcome = this.claim.outcome(status, payload, reply);
    this.#place.settle(outcome);
    const recovered = this.found !== undefined;
    return { kind: 'executed', recovered, stored: reply?.kind === 'stored', outcome };
  }

  #release(mode: ReleaseMode): Promise<ReleaseReply | undefined> {
    return this.claim.release(mode, async () => {
      // A released record takes no more steps, and the next attempt would run them again.
      await this.#steps?.settled();
      // The store's reply comes late: others may have run by then.
      this.#place.open();
    });
  }

  /** What a record remembers of a failure: with `recover`, the next attempt must ask it. */
  #failureMode(): ReleaseMode {
    return this.claim.request.recover === undefined ? 'erase' : 'keep';
  }

  #stopUnits(): void {
    this.#hasRun = true;
    this.#steps?.end();
    this.#transactions?.end();
  }
}
