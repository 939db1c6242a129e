import { attemptOf } from './attempt-handle.js';
import { IdempotencyError } from '../errors.js';
import type { ExecuteRequest, Outcome } from './execute-request.js';
import type { EngineContext } from './context.js';
import type { Ended, Executed } from './ended.js';
import { enter } from './enter.js';
import {
  aboutFailure,
  eventOf,
  isSealed,
  releaseMode,
  tellRecoverFailed,
  type Holding,
} from './holding.js';
import { release } from './release.js';
import { lookUp } from './look-up.js';
import type { OutcomeStatus } from '../record/record.js';
import { refusals } from '../refusals.js';
import { openUnits } from './units.js';
import type { BeginRequest, Claimed, CompleteReply } from '../record/store.js';

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
        tellRecoverFailed(events, holding, recovered.cause);
        await release(parts, holding, 'withdraw', NO_STEPS);
        return recovered;
      }
    }

    const units = openUnits(parts, holding);
    const { steps } = units;
    const ended = await enter(() => request.run(units.execution, units.again));
    units.end();
    if (ended.kind === 'outcome') {
      return complete(holding, { ...ended, recovered: false });
    }
    if (ended.kind === 'broken') return seal(holding, 'unavailable', ended.error);
    if (isSealed(request, ended)) return seal(holding, 'failed', ended.error);
    const lost = lease.isLost;
    const reply = await release(parts, holding, releaseMode(request, ended), steps);
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
    return { kind: 'failure', error: ended.error, sealed: undefined };
  }

  async function complete<T>(
    holding: Holding<T>,
    ended: Outcome<T> & { readonly recovered: boolean },
  ): Promise<Ended<T>> {
    const reply = await write(holding, ended.status, ended.payload);
    if (reply?.kind !== 'superseded') return executed(holding, ended, reply);
    return {
      ...reply,
      completeAgain: () => complete(holding, ended),
      unstoredAnswer() {
        const { operation, recordId } = holding.request;
        const { attempt } = holding.claim;
        const error = new Error('Another request had taken over, and the store was away since.');
        events.listener?.({ type: 'notStored', operation, recordId, attempt, final: true, error });
        return executed(holding, ended, undefined);
      },
    };
  }

  function executed<T>(
    { request, claim: { attempt, fence } }: Holding<T>,
    { status, payload, answer, recovered }: Outcome<T> & { readonly recovered: boolean },
    reply: CompleteReply | undefined,
  ): Executed<T> {
    const stored = reply?.kind === 'stored';
    const expiresAtMs = stored ? reply.expiresAtMs : clock.wallMs() + request.policy.ttlMs;
    const kept = (stored ? reply.status : undefined) ?? status;
    const outcome = { status: kept, payload, attempt, fence, expiresAtMs };
    return { kind: 'executed', answer, recovered, stored, outcome };
  }

  async function seal<T>(
    holding: Holding<T>,
    sealed: 'failed' | 'unavailable',
    error: unknown,
  ): Promise<Ended<T>> {
    const reply = await write(holding, sealed, new Uint8Array());
    if (reply?.kind === 'superseded') return { ...reply, error };
    // One of ours says that a retry may run, which is not so any more.
    if (IdempotencyError.is(error)) {
      return { kind: 'failure', error: refusals.sealed(error), sealed };
    }
    events.listener?.({ type: 'sealed', ...aboutFailure(holding, clock.now()) });
    return { kind: 'failure', error, sealed };
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

  return { run };
}
