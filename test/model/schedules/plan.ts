import fc from 'fast-check';

/** What becomes of a question on its way to the store and back. */
export type Fate =
  | 'fine'
  | 'refused'
  | 'does not arrive'
  /** Held back until whoever asked has given up. */
  | 'comes late'
  | 'comes late, unanswered'
  | 'unanswered'
  | 'reply breaks'
  | 'sent twice';

/** What the store is asked, and the messages that it sends. */
export type Question =
  'begin' | 'peek' | 'complete' | 'renew' | 'step' | 'release' | 'watch' | 'message';

/** How an entry of the resolver ends: with its outcome, or in one of three failures. */
export type Ending = 'outcome' | 'before the effect' | 'after the effect' | 'declined';

const RECOVERIES = ['found', 'unknown', 'throws'] as const;

/** What a mutation decides for a key, and how its resolver behaves. */
export interface KeyPlan {
  readonly onCrash: 'REJECT' | 'RERUN';
  readonly onError: 'RELEASE' | 'SEAL';
  /** What `recover` says, call by call and then `found`; there is none if undefined. */
  readonly recover: readonly (typeof RECOVERIES)[number][] | undefined;
  readonly waitMs: number;
  readonly status: 'value' | 'error' | 'unavailable';
  /** Whether each step is `atMostOnce`. */
  readonly steps: readonly boolean[];
  /** How long the resolver works on top of what the scheduler lets it wait. */
  readonly workMs: number;
  /** Entry by entry, and then `outcome`. */
  readonly endings: readonly Ending[];
  /** Whether every entry has an answer of its own. If not, it answers what the provider says. */
  readonly ownAnswers: boolean;
}

/** A request of a client. */
export interface RequestPlan {
  readonly process: number;
  readonly key: number;
  readonly fingerprint: number;
}

/** A process stands still until it is told to go on. */
export interface Pause {
  readonly kind: 'pause';
  readonly process: number;
  /** As soon as a resolver of the process has been entered. */
  readonly inside: boolean;
  /** The process's clock stands still too, so that it does not notice. */
  readonly asleep: boolean;
}

/** What is to happen next. */
export type Act =
  | { readonly kind: 'request'; readonly request: RequestPlan }
  /** Time passes; `calm`: what is in flight gets where it is going first. */
  | { readonly kind: 'pass'; readonly ms: number; readonly calm: boolean }
  | Pause
  | { readonly kind: 'crash' | 'go on' | 'shut down'; readonly process: number };

/** All that is decided about a history, apart from its order, which is the scheduler's. */
export interface Plan {
  readonly keys: readonly KeyPlan[];
  /** In this order; what an act sets going goes on beside those that follow. */
  readonly acts: readonly Act[];
  /** For each kind of question one after the other, and then `fine`. */
  readonly fates: Readonly<Record<Question, readonly Fate[]>>;
}

/** Processes that share the store. */
export const PROCESS_COUNT = 3;
export const LEASE_MS = 3_000;
export const STORE_TIMEOUT_MS = 1_000;

const key = fc
  .record({
    onCrash: fc.constantFrom('REJECT' as const, 'RERUN' as const),
    onError: fc.constantFrom('RELEASE' as const, 'RELEASE' as const, 'SEAL' as const),
    recover: fc.oneof(
      { weight: 2, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.array(fc.constantFrom(...RECOVERIES), { maxLength: 2 }) },
    ),
    waitMs: fc.constantFrom(0, 400, 2_000, 5_000),
    status: fc.constantFrom(...(['value', 'value', 'value', 'error', 'unavailable'] as const)),
    steps: fc.array(fc.boolean(), { maxLength: 2 }),
    workMs: fc.constantFrom(0, 0, 0, 1_500, LEASE_MS + 1_000),
    endings: fc.array(
      fc.constantFrom<Ending>('outcome', 'before the effect', 'after the effect', 'declined'),
      { maxLength: 3 },
    ),
    ownAnswers: fc.boolean(),
  })
  // What `recover` finds is what the provider says.
  .map((plan) => (plan.recover === undefined ? plan : { ...plan, ownAnswers: false }));

const request = fc.record({
  process: fc.nat(PROCESS_COUNT - 1),
  key: fc.constantFrom(0, 0, 0, 0, 1),
  fingerprint: fc.constantFrom(0, 0, 0, 0, 1),
});

const pass = fc.record({
  kind: fc.constant('pass' as const),
  ms: fc.constantFrom(1, 50, 100, 300, 1_000, LEASE_MS + 100, LEASE_MS + 100),
  calm: fc.boolean(),
});

const process = fc.nat(PROCESS_COUNT - 1);
const pause: fc.Arbitrary<Pause> = fc.record({
  kind: fc.constant('pause' as const),
  process,
  inside: fc.boolean(),
  asleep: fc.boolean(),
});
const end = fc.record({
  kind: fc.constantFrom('crash' as const, 'crash' as const, 'shut down' as const),
  process,
});

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('request' as const), request }) },
  { weight: 7, arbitrary: pass },
  { weight: 2, arbitrary: end },
  { weight: 1, arbitrary: pause },
);

/** An owner stands still, wherever it has come to, until others have had time to take over. */
const stall: fc.Arbitrary<readonly Act[]> = fc
  .record({ request, pause, rival: process, calm: fc.boolean() })
  .map(({ request: first, pause: stop, rival, calm }) => [
    { kind: 'request', request: first },
    { ...stop, process: first.process },
    { kind: 'pass', ms: LEASE_MS + 100, calm: true },
    { kind: 'request', request: { ...first, process: rival } },
    { kind: 'pass', ms: 50, calm },
    { kind: 'go on', process: first.process },
  ]);

const acts = fc
  .array(
    fc.oneof(
      { weight: 10, arbitrary: act.map((single) => [single]) },
      { weight: 2, arbitrary: stall },
    ),
    { minLength: 1, maxLength: 20, size: 'max' },
  )
  .map((episodes) => episodes.flat());

const fault = fc.constantFrom<Fate>(
  ...(['refused', 'does not arrive', 'comes late', 'comes late, unanswered'] as const),
  ...(['unanswered', 'reply breaks', 'sent twice'] as const),
);
const fate = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Fate>('fine') },
  { weight: 1, arbitrary: fault },
);

/** Kinds of questions that nothing happens to, kinds that most go wrong with, and those between. */
const fates: fc.Arbitrary<readonly Fate[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  { weight: 3, arbitrary: fc.array(fate, { maxLength: 12, size: 'max' }) },
  { weight: 1, arbitrary: fc.array(fault, { maxLength: 3 }) },
);

/** Plans of histories: from one request without faults to many that meet all of them. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  keys: fc.array(key, { minLength: 2, maxLength: 2 }),
  acts,
  fates: fc.record<Record<Question, readonly Fate[]>>({
    begin: fates,
    peek: fates,
    complete: fates,
    renew: fates,
    step: fates,
    release: fates,
    watch: fates,
    message: fates,
  }),
});
