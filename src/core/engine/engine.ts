import type { Cipher } from '../crypto/cipher.js';
import { createClaimant, type Asked } from './claim.js';
import { systemClock, type Clock } from '../clock.js';
import { withTimeout } from '../timeout.js';
import type { Events } from '../events.js';
import type { ExecuteRequest } from './execute-request.js';
import { LeaseKeeper } from './lease.js';
import { createOthers, replay, type Answer } from './others.js';
import type { EngineContext } from './context.js';
import { createPersistence } from './persistence.js';
import { refusals } from '../refusals.js';
import { refuse, tellClaimed, told } from './refuse.js';
import { createRunner } from './runner.js';
import type { Claimed, IdempotencyStore } from '../record/store.js';
import { createUnderWay } from './under-way.js';
import { createFlights, type Flight, type Landing } from './waiting.js';

/** What an engine is made of. */
export interface EngineOptions {
  readonly store: IdempotencyStore;
  /** How long one question to the store may take, in milliseconds. */
  readonly storeTimeoutMs: number;
  readonly events: Events;
  readonly randomBytes: (size: number) => Uint8Array;
  /** Encrypts what transactions keep in the user's database; the store has one of its own. */
  readonly cipher?: Cipher | undefined;
  /** @defaultValue the process's own clock */
  readonly clock?: Clock | undefined;
}

export type { Answer } from './others.js';

/** What is still under way in an engine. */
export interface Unfinished {
  /** Requests without an answer. */
  readonly executions: number;
  /** Writes that the store has not taken yet. */
  readonly writes: number;
}

/** Takes requests through claim, execution and completion, or to somebody else's outcome. */
export interface Engine {
  /**
   * Runs the request, or answers it from its record.
   *
   * @throws IdempotencyError when it is refused; what the resolver threw, after a failure
   */
  execute<T>(request: ExecuteRequest<T>): Promise<Answer<T>>;
  /**
   * Resolves when everything under way has ended and is stored, or after `timeoutMs`.
   *
   * @returns what was still under way
   */
  drain(timeoutMs: number): Promise<Unfinished>;
  /** Gives up writes that still go on in the background. */
  stop(): void;
}

/** Creates an engine over a store. */
export function createEngine(options: EngineOptions): Engine {
  const clock = options.clock ?? systemClock;
  const { store, storeTimeoutMs, events } = options;
  const parts: EngineContext = {
    store,
    storeTimeoutMs,
    clock,
    leases: new LeaseKeeper(store, clock, storeTimeoutMs),
    persistence: createPersistence(clock, storeTimeoutMs),
    events,
    cipher: options.cipher,
  };
  const claimant = createClaimant(parts, options.randomBytes);
  const runner = createRunner(parts);
  const others = createOthers(parts);
  const flights = createFlights(clock);
  const underWay = createUnderWay();
  /** Fingerprints of records that requests of this process own and nobody can take over. */
  const held = new Map<string, string>();

  /** The life of a request: join, ask, then run, replay, wait or refuse. */
  async function answer<T>(request: ExecuteRequest<T>): Promise<Answer<T>> {
    const { operation, recordId } = request;
    const flightId = recordId + request.fingerprint;
    const startedAt = clock.now();
    const waitUntil = startedAt + request.policy.waitMs;
    for (;;) {
      const owned = held.get(recordId);
      if (owned !== undefined && owned !== request.fingerprint) {
        throw told(events, request, refusals.mismatch());
      }
      const joined = flights.join(flightId, waitUntil);
      if (joined === undefined) {
        const answered = await lead(request, flights.open(flightId), waitUntil);
        if (answered !== undefined) return answered;
        continue;
      }
      const landing = await joined;
      if (landing === undefined || hasWaited(landing)) {
        const durationMs = clock.now() - startedAt;
        const ended = landing !== undefined;
        events.listener?.({ type: 'waited', operation, recordId, durationMs, ended });
      }
      if (landing === undefined) throw refusals.concurrent(request.policy.leaseMs);
      if (landing.kind === 'completed') return replay(landing.outcome, landing.waited);
      if (landing.kind === 'refused') throw told(events, request, landing.refusal());
    }
  }

  /** Asks the store for all duplicates in this process. `undefined`: ask again. */
  async function lead<T>(
    request: ExecuteRequest<T>,
    flight: Flight,
    waitUntil: number,
  ): Promise<Answer<T> | undefined> {
    const { recordId, fingerprint } = request;
    let isOwner = false;
    try {
      const asked = await claimant.ask(request).catch((error: unknown) => {
        throw refuse(events, request, flight, () => refusals.storeUnavailable(error));
      });
      const { begin, reply, askedAt } = asked;
      switch (reply.kind) {
        case 'claimed':
          tellClaimed(events, request, reply, clock.now() - askedAt);
          flight.runs();
          isOwner = begin.onLapse === 'reject';
          if (isOwner) held.set(recordId, fingerprint);
          return await run(request, { begin, askedAt }, reply, flight, waitUntil);
        case 'running':
          flight.runs();
          return await others.wait(request, flight, waitUntil);
        case 'completed':
          flight.land({ kind: 'completed', outcome: reply.outcome, waited: false });
          return replay(reply.outcome, false);
        case 'lapsed':
          // Not for those who joined: the owner may have ended since the store was asked.
          throw refusals.outcomeUnknown();
        case 'mismatch':
          throw refuse(events, request, flight, refusals.mismatch);
        case 'unreadable': {
          const { operation } = request;
          events.listener?.({ type: 'unreadable', operation, recordId, reason: reply.reason });
          throw refuse(events, request, flight, refusals.unreadable);
        }
        default:
          return reply satisfies never;
      }
    } finally {
      if (isOwner) held.delete(recordId);
      flight.land({ kind: 'vacant' });
    }
  }

  async function run<T>(
    request: ExecuteRequest<T>,
    { begin, askedAt }: Omit<Asked, 'reply'>,
    claim: Claimed,
    flight: Flight,
    waitUntil: number,
  ): Promise<Answer<T> | undefined> {
    const ended = await runner.run(request, begin, claim, askedAt);
    switch (ended.kind) {
      case 'executed':
        flight.land({ kind: 'completed', outcome: ended.outcome, waited: true });
        return ended;
      case 'failure':
        if (ended.sealed === 'failed') flight.land({ kind: 'refused', refusal: refusals.sealed });
        throw ended.error;
      case 'unknown': {
        const { cause } = ended;
        throw refuse(events, request, flight, () => refusals.outcomeUnknown(cause));
      }
      case 'superseded':
        return others.afterLoss(ended, request, flight, waitUntil);
      default:
        return ended satisfies never;
    }
  }

  return {
    execute: (request) => underWay.track(answer(request)),
    async drain(timeoutMs) {
      const ended = async (): Promise<void> => {
        do {
          await underWay.ended();
          await parts.persistence.settled();
          // While one was waited for, there may have come more of the other.
        } while (underWay.count > 0 || parts.persistence.pending > 0);
      };
      await withTimeout(ended(), timeoutMs, clock).catch(() => undefined);
      return { executions: underWay.count, writes: parts.persistence.pending };
    },
    stop() {
      parts.persistence.stop();
    },
  };
}

/** Whether those who joined a flight did so for an execution, and not only for a look at its record. */
function hasWaited(landing: Landing): boolean {
  return landing.kind === 'vacant' || (landing.kind === 'completed' && landing.waited);
}
