import type {
  BeginReply,
  BeginRequest,
  IdempotencyStore,
  PeekRequest,
  ReleaseRequest,
  StepRequest,
  StoredOutcome,
} from '../../../src/index.js';
import type { ClaimLine } from './ledger.js';
import { FINGERPRINTS, keyOfRecord } from './requests.js';
import type { Simulation } from './simulation.js';

/** Who has a record, as far as the store's replies tell. */
interface Holder {
  readonly claim: ClaimLine;
  /** `withdrawn`: given back by who had taken over, and lapsed as before. */
  readonly state: 'held' | 'released' | 'withdrawn' | 'completed';
  readonly leaseEndsAtMs: number;
  readonly displaced: Holder | undefined;
}

/**
 * A store whose replies are written into the ledger as they leave it: what an engine hears of them,
 * and when, is the network's affair.
 */
export class WitnessStore {
  readonly #store: IdempotencyStore;
  readonly #simulation: Simulation;
  readonly #holders = new Map<string, Holder>();

  constructor(store: IdempotencyStore, simulation: Simulation) {
    this.#store = store;
    this.#simulation = simulation;
  }

  /** The store as a process sees it. */
  viewOf(process: string): IdempotencyStore {
    const store = this.#store;
    const note = (what: string): void => {
      this.#simulation.occurrences.note(what);
    };
    return {
      name: 'witness',
      begin: async (request) => {
        const reply = await store.begin(request);
        this.#begun(process, request, reply);
        return reply;
      },
      peek: async (request) => {
        const reply = await store.peek(request);
        if (reply.kind === 'completed') this.#kept(request, reply.outcome);
        return reply;
      },
      complete: async (request) => {
        const reply = await store.complete(request);
        note(`complete: ${reply.kind}`);
        if (reply.kind === 'stored') {
          this.#kept(request, request);
          this.#ended(request.recordId, request.owner, 'completed');
        } else if (reply.kind === 'superseded' && reply.outcome !== undefined) {
          this.#kept(request, reply.outcome);
        }
        return reply;
      },
      renew: async (request) => {
        const { recordId, owner, leaseMs } = request;
        const reply = await store.renew(request);
        note(`renew: ${reply}`);
        if (reply === 'renewed') this.#prolonged(recordId, owner, leaseMs);
        return reply;
      },
      step: async (request) => {
        const reply = await store.step(request);
        note(`step ${request.state}: ${reply}`);
        if (reply === 'recorded') this.#recorded(request);
        return reply;
      },
      release: async (request) => {
        const reply = await store.release(request);
        note(`release ${request.mode}: ${reply}`);
        if (reply === 'released') this.#released(request);
        return reply;
      },
      watch: (recordId, onChange) => store.watch(recordId, onChange),
      ping: () => store.ping(),
      check: (timeoutMs) => store.check(timeoutMs),
      close: () => store.close(),
    };
  }

  #begun(process: string, request: BeginRequest, reply: BeginReply): void {
    const { recordId, owner, leaseMs } = request;
    if (reply.kind === 'completed') this.#kept(request, reply.outcome);
    if (reply.kind !== 'claimed') return;
    const before = this.#holders.get(recordId);
    if (before?.claim.owner === owner && before.claim.fence === reply.fence) return;
    const { ledger } = this.#simulation;
    const { fence, attempt, previous } = reply;
    const claim: ClaimLine = {
      ...ledger.moment(),
      ...{ key: keyOfRecord(recordId), process, owner, fence, attempt, previous, ended: false },
    };
    const problem = problemOf(before, claim);
    if (problem !== undefined) ledger.violations.push(`key ${claim.key}: ${problem}`);
    ledger.claims.push(claim);
    this.#simulation.occurrences.note(`begin: claimed after ${previous}`);
    this.#holders.set(recordId, {
      claim,
      state: 'held',
      leaseEndsAtMs: this.#leaseFrom(claim, leaseMs),
      displaced: previous === 'none' ? undefined : before,
    });
  }

  #prolonged(recordId: string, owner: string, leaseMs: number): void {
    const holder = this.#holders.get(recordId);
    if (holder?.claim.owner !== owner) return;
    const leaseEndsAtMs = this.#leaseFrom(holder.claim, leaseMs);
    this.#holders.set(recordId, { ...holder, state: 'held', leaseEndsAtMs });
  }

  #leaseFrom({ fence }: ClaimLine, leaseMs: number): number {
    const { clock, ledger } = this.#simulation;
    const endsAtMs = clock.now() + leaseMs;
    ledger.leaseEndsMs.set(fence, endsAtMs);
    return endsAtMs;
  }

  #recorded({ recordId, owner, name, state, leaseMs }: StepRequest): void {
    const { ledger } = this.#simulation;
    ledger.stepRecords.push({ ...ledger.moment(), key: keyOfRecord(recordId), name, state });
    this.#prolonged(recordId, owner, leaseMs);
  }

  #released({ recordId, owner, mode }: ReleaseRequest): void {
    const holder = this.#holders.get(recordId);
    if (holder?.claim.owner !== owner || holder.state !== 'held') return;
    if (mode !== 'withdraw' || holder.displaced === undefined) {
      this.#ended(recordId, owner, 'released');
      return;
    }
    holder.claim.ended = true;
    const { displaced } = holder;
    const state = displaced.state === 'released' ? 'released' : 'withdrawn';
    this.#holders.set(recordId, { ...displaced, state });
  }

  #ended(recordId: string, owner: string, state: 'released' | 'completed'): void {
    const holder = this.#holders.get(recordId);
    if (holder?.claim.owner !== owner) return;
    holder.claim.ended = true;
    this.#holders.set(recordId, { ...holder, state });
  }

  /** The store told of an outcome; it does so only to requests with the arguments of the record. */
  #kept(
    { recordId, fingerprint }: PeekRequest,
    { status, payload }: Pick<StoredOutcome, 'status' | 'payload'>,
  ): void {
    const { ledger } = this.#simulation;
    ledger.outcomes.push({
      ...ledger.moment(),
      key: keyOfRecord(recordId),
      fingerprint: FINGERPRINTS.indexOf(fingerprint),
      status,
      text: Buffer.from(payload).toString(),
    });
  }
}

/** What is wrong with a claim, if anything. */
function problemOf(before: Holder | undefined, claim: ClaimLine): string | undefined {
  if (before === undefined) {
    return claim.previous === 'none' ? undefined : 'a claim followed on another that never was';
  }
  const { state, leaseEndsAtMs } = before;
  if (state === 'completed') return 'a record with an outcome was claimed';
  if (claim.fence <= before.claim.fence) return 'a fence did not grow';
  if (state === 'released') return undefined;
  if (claim.previous !== 'lapsed') return 'a claim that was held was forgotten';
  return claim.atMs < leaseEndsAtMs ? 'a claim was taken over before its lease ended' : undefined;
}
