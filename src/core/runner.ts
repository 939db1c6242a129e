import type { Execution } from './execution.js';
import { downstreamKeyOf } from './key.js';
import type { Lease } from './lease.js';
import type { OnCrash, OnError } from './options.js';
import type { EngineParts } from './parts.js';
import type { OutcomeStatus, StoredOutcome } from './record.js';
import { refusals } from './refusals.js';
import type { BeginRequest, Claimed, CompleteReply, ReleaseMode } from './store.js';

/** An execution that ended with an outcome. */
export interface Outcome<T> {
  readonly kind: 'outcome';
  /** `unavailable` when the outcome cannot be kept. */
  readonly status: Exclude<OutcomeStatus, 'failed'>;
  /** Empty when the outcome cannot be kept. */
  readonly payload: Uint8Array;
  /** What this request is answered with. */
  readonly answer: T;
}

/** An execution that ended without an outcome. */
export interface Accident {
  readonly kind: 'accident';
  readonly error: unknown;
  /** The request was turned down rather than failed: never sealed, and nothing is kept of it. */
  readonly declined: boolean;
}

/** What the engine needs of a request. */
export interface ExecuteRequest<T> {
  /** Schema coordinate. */
  readonly operation: string;
  readonly scope: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly policy: {
    readonly ttlMs: number;
    readonly waitMs: number;
    readonly leaseMs: number;
    readonly onError: OnError;
    readonly onCrash: OnCrash;
  };
  /** Runs the resolver. Never rejects. */
  run(execution: Execution): Promise<Outcome<T> | Accident>;
  /** Looks up what became of earlier attempts. Rejecting leaves it unknown. */
  readonly recover:
    ((execution: Execution) => Promise<Outcome<T> | 'RERUN' | 'UNKNOWN'>) | undefined;
}

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

/** How a claimed execution ended. */
export type Ended<T> =
  | Executed<T>
  | { readonly kind: 'accident'; readonly error: unknown; readonly sealed: boolean }
  | { readonly kind: 'superseded'; readonly outcome: StoredOutcome | undefined };

/** Runs claimed requests under their lease until they are completed or released. */
export interface Runner {
  run<T>(request: ExecuteRequest<T>, begin: BeginRequest, claim: Claimed): Promise<Ended<T>>;
}

/** Creates the runner of an engine. */
export function createRunner(parts: EngineParts): Runner {
  const { store, leases, persistence, clock, emit } = parts;

  async function run<T>(
    request: ExecuteRequest<T>,
    begin: BeginRequest,
    claim: Claimed,
  ): Promise<Ended<T>> {
    const { recordId, owner, leaseMs, retentionMs, onLapse } = begin;
    const replaceable = onLapse !== 'reject';
    const lease = leases.hold({ recordId, owner, leaseMs, retentionMs, replaceable });
    const execution = executionOf(request, claim, lease.signal);

    if (claim.previous !== 'none' && request.recover !== undefined) {
      const recovered = await lookUp(request.recover, execution);
      if (recovered.kind === 'outcome') {
        return complete(request, begin, claim, lease, { ...recovered, recovered: true });
      }
      if (recovered.kind === 'unknown') {
        await release(request, begin, lease, 'withdraw');
        throw refusals.outcomeUnknown(recovered.cause);
      }
    }

    const ended = await request.run(execution);
    if (ended.kind === 'outcome') {
      return complete(request, begin, claim, lease, { ...ended, recovered: false });
    }
    if (request.policy.onError === 'SEAL' && !ended.declined) {
      return seal(request, begin, claim, lease, ended.error);
    }
    // With `recover` the next attempt must ask it, so the record has to remember this one.
    const mode = request.recover !== undefined && !ended.declined ? 'keep' : 'erase';
    await release(request, begin, lease, mode);
    return { kind: 'accident', error: ended.error, sealed: false };
  }

  async function complete<T>(
    request: ExecuteRequest<T>,
    begin: BeginRequest,
    claim: Claimed,
    lease: Lease,
    ended: Outcome<T> & { readonly recovered: boolean },
  ): Promise<Ended<T>> {
    const reply = await write(request, begin, claim, lease, ended.status, ended.payload);
    if (reply?.kind === 'superseded') return reply;
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

  async function seal<T>(
    request: ExecuteRequest<T>,
    begin: BeginRequest,
    claim: Claimed,
    lease: Lease,
    error: unknown,
  ): Promise<Ended<T>> {
    const reply = await write(request, begin, claim, lease, 'failed', new Uint8Array());
    if (reply?.kind === 'superseded') return reply;
    return { kind: 'accident', error, sealed: true };
  }

  /** Stores how the execution ended; renewal goes on until it is stored or given up. */
  async function write(
    request: ExecuteRequest<unknown>,
    begin: BeginRequest,
    claim: Claimed,
    lease: Lease,
    status: OutcomeStatus,
    payload: Uint8Array,
  ): Promise<CompleteReply | undefined> {
    const { operation } = request;
    const { recordId, fingerprint, owner } = begin;
    const { fence, attempt } = claim;
    const ttlMs = request.policy.ttlMs;
    const observe = (reply: CompleteReply): void => {
      void lease.stop();
      if (reply.kind === 'superseded') emit({ type: 'superseded', operation });
      if (reply.kind === 'unreadable')
        emit({ type: 'unreadable', operation, reason: reply.reason });
      if (reply.kind === 'stored' && reply.recreated) emit({ type: 'claimLost', operation });
    };
    const complete = { recordId, fingerprint, owner, fence, attempt, status, payload, ttlMs };
    const reply = await persistence.persist(() => store.complete(complete), {
      essential: true,
      onFirstFailure: (error) => {
        emit({ type: 'notStored', operation, final: false, error });
      },
      onLateSuccess: observe,
      onGivenUp: (error) => {
        void lease.stop();
        emit({ type: 'notStored', operation, final: true, error });
      },
    });
    if (reply !== undefined) observe(reply);
    return reply;
  }

  async function release(
    request: ExecuteRequest<unknown>,
    begin: BeginRequest,
    lease: Lease,
    mode: ReleaseMode,
  ): Promise<void> {
    const { operation } = request;
    const { recordId, owner } = begin;
    // A renewal that lands after the release would make a dead owner look alive.
    await lease.stop();
    await persistence.persist(() => store.release({ recordId, owner, mode }), {
      essential: true,
      onFirstFailure: (error) => {
        emit({ type: 'storeFailed', operation, error });
      },
      onGivenUp: (error) => {
        emit({ type: 'storeFailed', operation, error });
      },
    });
  }

  return { run };
}

async function lookUp<T>(
  recover: (execution: Execution) => Promise<Outcome<T> | 'RERUN' | 'UNKNOWN'>,
  execution: Execution,
): Promise<Outcome<T> | { kind: 'rerun' } | { kind: 'unknown'; cause?: unknown }> {
  try {
    const reply = await recover(execution);
    if (reply === 'RERUN') return { kind: 'rerun' };
    return reply === 'UNKNOWN' ? { kind: 'unknown' } : reply;
  } catch (cause) {
    return { kind: 'unknown', cause };
  }
}

function executionOf(
  request: ExecuteRequest<unknown>,
  claim: Claimed,
  signal: AbortSignal,
): Execution {
  const { operation, scope, key } = request;
  return Object.freeze({
    key,
    operation,
    attempt: claim.attempt,
    fence: claim.fence,
    signal,
    downstreamKey: (label: string, options: { readonly length?: number } = {}) =>
      downstreamKeyOf(scope, operation, key, label, options.length),
  });
}
