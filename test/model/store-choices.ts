import fc from 'fast-check';
import type { LapsePolicy, OutcomeStatus, StepState } from '../../src/index.js';
import type { ReleaseMode } from '../../src/index.js';
import { ONCE, type Delivery } from './subject.js';
import type { Who } from './target.js';

const leaseMs = fc.constantFrom(100, 200);
const retentionMs = fc.constantFrom(400, 1_000);
const timeoutMs = fc.constantFrom(30, 300);
/** Which of the records. */
const which = fc.constantFrom(0 as const, 1 as const);

const claimant: fc.Arbitrary<Who> = fc.oneof(
  { weight: 1, arbitrary: fc.constant('owner' as const) },
  { weight: 3, arbitrary: fc.constant('newcomer' as const) },
  { weight: 1, arbitrary: fc.nat(3) },
);

const holder: fc.Arbitrary<Who> = fc.oneof(
  { weight: 6, arbitrary: fc.constant('owner' as const) },
  { weight: 1, arbitrary: fc.constant('newcomer' as const) },
  { weight: 2, arbitrary: fc.nat(3) },
);

const otherArguments = fc.oneof(
  { weight: 7, arbitrary: fc.constant(false) },
  { weight: 1, arbitrary: fc.constant(true) },
);

const delivery: fc.Arbitrary<Delivery> = fc.oneof(
  { weight: 5, arbitrary: fc.constant(ONCE) },
  {
    weight: 3,
    arbitrary: fc.record({
      delayMs: fc.constantFrom(0, 20, 120),
      copies: fc.constantFrom(1 as const, 2 as const),
    }),
  },
);

const NOTHING = fc.constant(new Uint8Array());
/** The codec gives every value some. */
const someBytes = fc.uint8Array({ minLength: 1, maxLength: 4 });

/** A status, and bytes if it comes with any. */
const ending: fc.Arbitrary<{ status: OutcomeStatus; payload: Uint8Array }> = fc.oneof(
  fc.record({ status: fc.constantFrom('value' as const, 'error' as const), payload: someBytes }),
  fc.record({
    status: fc.constantFrom('unavailable' as const, 'failed' as const),
    payload: NOTHING,
  }),
);

const progress: fc.Arbitrary<{ state: StepState; payload: Uint8Array }> = fc.oneof(
  fc.record({ state: fc.constant('value' as const), payload: someBytes }),
  fc.record({
    state: fc.constantFrom('started' as const, 'unavailable' as const),
    payload: NOTHING,
  }),
);

/** What can be chosen about each command. */
export const choices = {
  begin: fc.record({
    which,
    who: claimant,
    otherArguments,
    leaseMs,
    retentionMs,
    timeoutMs,
    delivery,
    onLapse: fc.constantFrom<LapsePolicy>('reject', 'rerun', 'recover'),
    waits: fc.boolean(),
  }),
  peek: fc.record({ which, otherArguments, delivery }),
  complete: fc.record({
    which,
    who: holder,
    otherArguments,
    ending,
    ttlMs: fc.constantFrom(300, 2_000),
    delivery,
  }),
  renew: fc.record({ which, who: holder, leaseMs, retentionMs, both: fc.boolean(), delivery }),
  step: fc.record({
    which,
    who: holder,
    name: fc.constantFrom('charge', '__proto__', 'é\0'),
    progress,
    leaseMs,
    timeoutMs,
    delivery,
  }),
  release: fc.record({
    which,
    who: holder,
    mode: fc.constantFrom<ReleaseMode>('erase', 'keep', 'withdraw'),
    delivery,
  }),
  which: fc.record({ which }),
  /** Some meet the end of a lease exactly. */
  pass: fc.record({ ms: fc.constantFrom(1, 40, 99, 100, 101, 250, 1_000) }),
  /** Longer than some deadlines and some leases. */
  jump: fc.record({ ms: fc.constantFrom(10, 150) }),
  damage: fc.record({ which, bytes: fc.constantFrom('', '2', '1V0000') }),
  nothing: fc.constant({}),
} as const;
