import { attemptOf, executionOf } from './attempt-handle.js';
import { IdempotencyError } from '../errors.js';
import type { IdempotencyEvent } from '../events.js';
import type { ExecuteRequest, Failure, Outcome } from './execute-request.js';
import { createLazyTransactions } from '../database/lazy-transactions.js';
import type { Lease } from './lease.js';
import type { EngineContext } from './context.js';
import { lookUp } from './look-up.js';
import type { OutcomeStatus, StoredOutcome } from '../record/record.js';
import { refusals } from '../refusals.js';
import { createLazySteps, createSteps, type Steps } from './steps.js';
import type {
  BeginRequest,
  Claimed,
  CompleteReply,
  ReleaseMode,
  ReleaseReply,
} from '../record/store.js';

/** This request claimed the record and has an answer of its own. */
export interface Executed<T> {
  readonly kind: 'executed';
  readonly answer: T;
  /** The resolver did not run: `recover` found what an earlier attempt had done. */
  readonly recovered: boolean;
  /** Whether the store has the outcome; if not, the write goes on in the background. */
  readonly stored: boolean;
  readonly outcome: StoredOutcome;
}

/** Another request took over. */
export interface Superseded<T> {
  readonly kind: 'superseded';
  /** What it ended with, if it has. */
  readonly outcome: StoredOutcome | undefined;
  /** What the resolver threw, if it ended in a failure. */
  readonly error?: unknown;
  /** Otherwise tries once more to store what it returned: the record may have been given back. */
  readonly completeAgain?: () => Promise<Ended<T>>;
}

/** How a claimed execution ended. */
export type Ended<T> =
  | Executed<T>
  | { readonly kind: 'failure'; readonly error: unknown; readonly sealed: boolean }
  | Superseded<T>;

/** A request that holds its record. */
interface Holding<T> {
  readonly request: ExecuteRequest<T>;
  readonly begin: BeginRequest;
  readonly claim: Claimed;
  readonly lease: Lease;
  /** When the claim's reply came, in the local clock. */
  readonly claimedAt: number;
}

const NO_STEPS = Object.freeze({ settled: () => Promise.resolve() });

/** Runs claimed requests under their lease until they are completed or released. */
export interface Runner {
  /** @param askedAt - when the store was asked for the claim, in the local clock */
  run<T>(
    request: ExecuteRequest<T>,
    begin: BeginRequest,
    claim: Claimed,
    askedAt: number,
  ): Promise<Ended<T>>;
}

/** Creates the runner of an engine. */
export function createRunner(parts: EngineContext): Runner {
  const { store, leases, persistence, clock, events } = parts;

  async function run<T>(
    request: ExecuteRequest<T>,
    begin: BeginRequest,
    claim: Claimed,
    askedAt: number,
  ): Promise<Ended<T>> {
    const lease = leases.hold({ ...begin, replaceable: begin.onLapse !== 'reject' }, askedAt);
    const holding = { request, begin, claim, lease, claimedAt: clock.now() };

    if (claim.previous !== 'none' && request.recover !== undefined) {
      const recovered = await lookUp(request.recover, attemptOf(request, claim, lease));
      if (recovered.kind === 'outcome') {
        return complete(holding, { ...recovered, recovered: true });
      }
      if (recovered.kind === 'unknown') {
        await release(holding, 'withdraw', NO_STEPS);
        throw refusals.outcomeUnknown(recovered.cause);
      }
    }

    const steps = createLazySteps(() =>
      createSteps(parts, request.operation, begin, claim, lease, request.stepCodec),
    );
    const units = createLazyTransactions(parts, holding);
    const ended = await request.run(executionOf(request, claim, lease, { ...steps, ...units }));
    for (const part of [steps, units]) part.end();
    if (ended.kind === 'outcome') {
      return complete(holding, { ...ended, recovered: false });
    }
    if (isSealed(request, ended)) return seal(holding, ended.error);
    const lost = lease.isLost;
    const reply = await release(holding, releaseMode(request, ended), steps);
    // Whoever took over has the answer to this request too.
    if (lost && reply === 'lost') {
      const { operation, recordId } = request;
      events.listener?.({ type: 'stale', operation, recordId, attempt: claim.attempt });
      return { kind: 'superseded', outcome: undefined, error: ended.error };
    }
    const { declined, error } = ended;
    // A refusal of ours, as of a step, is told as `rejected`.
    if (!IdempotencyError.is(error)) {
      events.listener?.({ type: 'released', ...aboutFailure(holding, clock.now()), declined });
    }
    return { kind: 'failure', error: ended.error, sealed: false };
  }

  async function complete<T>(
    holding: Holding<T>,
    ended: Outcome<T> & { readonly recovered: boolean },
  ): Promise<Ended<T>> {
    const { request, claim } = holding;
    const reply = await write(holding, ended.status, ended.payload);
    if (reply?.kind === 'superseded') {
      return { ...reply, completeAgain: () => complete(holding, ended) };
    }
    const stored = reply?.kind === 'stored';
    return {
      kind: 'executed',
      answer: ended.answer,
      recovered: ended.recovered,
      stored,
      outcome: {
        status: ended.status,
        payload: ended.payload,
        attempt: claim.attempt,
        fence: claim.fence,
        expiresAtMs: stored ? reply.expiresAtMs : clock.wallMs() + request.policy.ttlMs,
      },
    };
  }

  async function seal<T>(holding: Holding<T>, error: unknown): Promise<Ended<T>> {
    const reply = await write(holding, 'failed', new Uint8Array());
    if (reply?.kind === 'superseded') return reply;
    events.listener?.({ type: 'sealed', ...aboutFailure(holding, clock.now()) });
    return { kind: 'failure', error, sealed: true };
  }

  /** Stores how the execution ended; renewal goes on until it is stored or given up. */
  async function write(
    holding: Holding<unknown>,
    status: OutcomeStatus,
    payload: Uint8Array,
  ): Promise<CompleteReply | undefined> {
    const { request, begin, claim, lease } = holding;
    const { operation } = request;
    const { recordId, fingerprint, owner } = begin;
    const { fence, attempt } = claim;
    const ttlMs = request.policy.ttlMs;
    const observe = (reply: CompleteReply): void => {
      lease.stop();
      const event = eventOf(reply, operation, recordId, attempt);
      if (event !== undefined) events.listener?.(event);
    };
    const notStored = (error: unknown, final: boolean): void => {
      events.listener?.({ type: 'notStored', operation, recordId, attempt, final, error });
    };
    const complete = { recordId, fingerprint, owner, fence, attempt, status, payload, ttlMs };
    const reply = await persistence.persist(() => store.complete(complete), {
      essential: true,
      onFirstFailure: (error) => {
        notStored(error, false);
      },
      onLateSuccess: observe,
      onGivenUp: (error) => {
        lease.stop();
        notStored(error, true);
      },
    });
    if (reply !== undefined) observe(reply);
    return reply;
  }

  function release(
    { request, begin, lease }: Holding<unknown>,
    mode: ReleaseMode,
    steps: Pick<Steps, 'settled'>,
  ): Promise<ReleaseReply | undefined> {
    const { recordId, owner } = begin;
    lease.stop();
    const give = async (): Promise<ReleaseReply> => {
      // A released record takes no more steps, and the next attempt would run them again.
      await steps.settled();
      return store.release({ recordId, owner, mode });
    };
    const failed = (error: unknown): void => {
      const { operation } = request;
      events.listener?.({ type: 'storeFailure', operation, recordId, error });
    };
    return persistence.persist(give, {
      essential: true,
      onFirstFailure: failed,
      onGivenUp: failed,
    });
  }

  return { run };
}

/** What events say of a failure. */
function aboutFailure({ request, claim, claimedAt }: Holding<unknown>, now: number) {
  const { operation, recordId } = request;
  return { operation, recordId, attempt: claim.attempt, durationMs: now - claimedAt };
}

/** What is worth telling about how an outcome was taken. */
function eventOf(
  reply: CompleteReply,
  operation: string,
  recordId: string,
  attempt: number,
): IdempotencyEvent | undefined {
  switch (reply.kind) {
    case 'superseded':
      return { type: 'stale', operation, recordId, attempt };
    case 'unreadable':
      return { type: 'unreadable', operation, recordId, reason: reply.reason };
    case 'stored':
      return reply.recreated ? { type: 'claimLost', operation, recordId, attempt } : undefined;
    default:
      return reply satisfies never;
  }
}

function isSealed({ policy }: ExecuteRequest<unknown>, { declined, error }: Failure): boolean {
  // Our own errors say what to do next; a seal would hide it.
  return policy.onError === 'SEAL' && !declined && !IdempotencyError.is(error);
}

function releaseMode(request: ExecuteRequest<unknown>, { declined }: Failure): ReleaseMode {
  // It had no effect, but an attempt before it may have had one, and is not to be forgotten.
  if (declined) return 'withdraw';
  // With `recover` the next attempt must ask it, so the record has to remember this one.
  return request.recover === undefined ? 'erase' : 'keep';
}
