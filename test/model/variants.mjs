// Every variant of record.pml: what is turned on, what is looked at, and what must be found.
import { WITNESSES } from './words.mjs';

const under =
  (policy) =>
  (...on) => ({ policy, on });
const reject = under('REJECT');
const rerun = under('RERUN');
const recover = under('RECOVER');

const plus = (setting, ...names) => ({ ...setting, on: [...setting.on, ...names] });
const minus = ({ on, ...setting }, ...names) => ({
  ...setting,
  on: on.filter((name) => !names.includes(name)),
});

const ANSWERS = ['ONCE', 'SAME', 'ACKNOWLEDGED'];

const REJECT = reject('LOST_REPLIES', 'STORE_AWAY', 'FAILURES');
const REJECT_WAITS = { ...plus(REJECT, 'WAIT_CLAIM'), failovers: 3 };
const REJECT_WAITS_LATE = { ...reject('WAIT_OUTCOME', 'WAIT_REPLAY'), failovers: 3 };
const REJECT_STEPS = plus(REJECT, 'STEPS');

const RERUN = rerun('LOST_REPLIES', 'FAILURES', 'FAILURES_AFTER', 'DEDUPLICATES');
const RERUN_DIFFERS = plus(RERUN, 'OWN_ANSWERS');
const RERUN_WAITS = {
  ...rerun('DEDUPLICATES', 'OWN_ANSWERS', 'WAIT_CLAIM', 'WAIT_OUTCOME', 'WAIT_REPLAY'),
  failovers: 2,
};

const RECOVER_LAPSED = recover('LOST_REPLIES', 'STORE_AWAY', 'FAILURES', 'FAILURES_AFTER');
const RECOVER_KEY = plus(RECOVER_LAPSED, 'DEDUPLICATES');
const RECOVER_FENCES = recover('LOST_REPLIES', 'LEDGER_FENCES', 'LOOKUP_FENCES');
const RECOVER = plus(RECOVER_LAPSED, 'CRASHES', 'LEASES_HOLD');
const RECOVER_WAITS = {
  ...recover('LOST_REPLIES', 'FAILURES_AFTER', 'CRASHES', 'LEASES_HOLD', 'WAIT_CLAIM'),
  failovers: 1,
};

const STEP = rerun('LOST_REPLIES', 'FAILURES', 'STEPS');
const STEP_WAITS = { ...rerun('STEPS', 'WAIT_CLAIM', 'WAIT_STEP'), failovers: 1 };
const STEP_ONCE = plus(STEP, 'AT_MOST_ONCE');
const STEP_ONCE_WAITS = plus(STEP_WAITS, 'AT_MOST_ONCE');

const FENCES = rerun('LOST_REPLIES', 'FAILURES');
const FENCES_CLOCK = rerun('CLOCK_STEPS_BACK');

const holds = (name, properties, setting) => ({ name, properties, expected: 'holds', ...setting });
const breaks = (name, property, setting) => ({
  name,
  properties: [property],
  expected: 'broken',
  ...setting,
});
const happens = (witness, setting) => ({
  name: WITNESSES[witness],
  properties: [witness],
  expected: 'happens',
  ...setting,
});

const PROMISED = [
  holds('REJECT', [...ANSWERS, 'ALONE'], { ...REJECT, attempts: 4 }),
  holds('REJECT, how it ends', ['FREED', 'KEPT'], plus(REJECT, 'CRASHES')),
  holds('REJECT, SEAL', ['ONCE'], plus(REJECT, 'FAILURES_AFTER', 'SEALS')),
  holds('REJECT, unique key', ANSWERS, plus(REJECT, 'FAILURES_AFTER', 'DEDUPLICATES')),
  holds('REJECT, failovers, WAIT on claims', [...ANSWERS, 'ALONE'], REJECT_WAITS),
  holds('REJECT, failovers, WAIT on outcomes', ['SAME', 'ACKNOWLEDGED'], REJECT_WAITS_LATE),
  holds('RERUN, unique key', [...ANSWERS, 'FREED'], RERUN),
  holds('RERUN, unique key, answers differ', ANSWERS, RERUN_DIFFERS),
  holds('RERUN, how it ends', ['SETTLED'], plus(RERUN, 'CRASHES')),
  holds('RERUN, failovers, WAIT on all', ANSWERS, RERUN_WAITS),
  holds('RECOVER', [...ANSWERS, 'ALONE', 'SETTLED'], RECOVER),
  holds('RECOVER, failover, WAIT on claims', [...ANSWERS, 'SETTLED'], RECOVER_WAITS),
  holds('RECOVER, leases lapse early, unique key', ANSWERS, RECOVER_KEY),
  holds('RECOVER, the same, how it ends', ['SETTLED'], {
    ...plus(RECOVER_KEY, 'CRASHES'),
    attempts: 2,
  }),
  holds('RECOVER, leases lapse early, fenced lookup', ANSWERS, RECOVER_FENCES),
  holds('step, REJECT', ['ALONE', 'MEMORISED'], REJECT_STEPS),
  holds('step, RERUN', ['MEMORISED'], STEP),
  holds('step, failover, WAIT on claims and steps', ['MEMORISED'], STEP_WAITS),
  holds('at-most-once step, RERUN', ['ONCE'], STEP_ONCE),
  holds('at-most-once step, failover, WAIT', ['ONCE'], STEP_ONCE_WAITS),
  holds('fences', ['FENCES'], FENCES),
  holds('fences, clock steps back', ['FENCES'], FENCES_CLOCK),
];

const POSSIBLE = [
  happens('HAPPENS_REPLAYED', REJECT),
  happens('HAPPENS_LATE', REJECT),
  happens('HAPPENS_GIVEN_BACK', RERUN),
  happens('HAPPENS_PUT_BACK', REJECT_WAITS_LATE),
  happens('HAPPENS_RECOVERED', RECOVER),
  happens('HAPPENS_MEMORISED', STEP),
];

const NOT_PROMISED = [
  breaks('REJECT, a crash leaves the outcome unknown', 'SETTLED', plus(REJECT, 'CRASHES')),
  breaks('REJECT, failure after the effect', 'ONCE', plus(REJECT, 'FAILURES_AFTER')),
  breaks('REJECT, failovers, no WAIT', 'ONCE', minus(REJECT_WAITS, 'WAIT_CLAIM')),
  breaks('RERUN, no unique key', 'ONCE', minus(RERUN, 'DEDUPLICATES')),
  breaks('RERUN, answers differ, store away', 'SAME', plus(RERUN_DIFFERS, 'STORE_AWAY')),
  breaks(
    'RERUN, failovers, WAIT on claims',
    'ACKNOWLEDGED',
    minus(RERUN_WAITS, 'WAIT_OUTCOME', 'WAIT_REPLAY'),
  ),
  breaks('RERUN, failover, no WAIT on replays', 'SAME', {
    ...minus(RERUN_WAITS, 'WAIT_REPLAY'),
    failovers: 1,
  }),
  breaks('RERUN, taken over by a claim that is withdrawn', 'KEPT', rerun('LOST_REPLIES')),
  breaks('RECOVER, failover, no WAIT', 'ONCE', minus(RECOVER_WAITS, 'WAIT_CLAIM')),
  breaks('RECOVER, leases lapse early, no unique key', 'ONCE', RECOVER_LAPSED),
  breaks(
    'RECOVER, leases lapse early, lookup without fence',
    'ONCE',
    minus(RECOVER_FENCES, 'LOOKUP_FENCES'),
  ),
  breaks('step, failover, no WAIT on steps', 'MEMORISED', minus(STEP_WAITS, 'WAIT_STEP')),
  breaks('at-most-once step, failover, no WAIT', 'ONCE', minus(STEP_ONCE_WAITS, 'WAIT_STEP')),
  breaks('fences, clock steps back, record erased', 'FENCES', plus(FENCES_CLOCK, 'FAILURES')),
];

const MISTAKES = [
  breaks('complete is a blind SET', 'SAME', plus(RERUN_DIFFERS, 'COMPLETE_IS_BLIND')),
  breaks('late completion is refused', 'KEPT', plus(REJECT, 'LATE_IS_REFUSED')),
  breaks('outcome is not put back', 'ACKNOWLEDGED', plus(REJECT_WAITS_LATE, 'NOT_PUT_BACK')),
  breaks('DEL without owner check', 'ONCE', plus(REJECT, 'ERASE_IGNORES_OWNER')),
  breaks('release without owner check', 'ALONE', plus(REJECT_STEPS, 'RELEASE_IGNORES_OWNER')),
  breaks('withdraw erases earlier attempts', 'ONCE', plus(RECOVER, 'WITHDRAW_ERASES')),
  breaks('failure erases before recover', 'ONCE', plus(RECOVER, 'FAILURE_ERASES')),
  breaks(
    'request turned down erases earlier attempts',
    'ACKNOWLEDGED',
    recover('STORE_AWAY', 'FAILURES', 'DEDUPLICATES', 'TURNED_DOWN_ERASES'),
  ),
  breaks('claim sent again with a new token', 'FREED', plus(REJECT, 'RESENT_AS_NEW')),
  breaks('lost claim is not withdrawn', 'FREED', plus(REJECT, 'NO_WITHDRAWAL')),
  breaks('claim without deadline', 'FREED', plus(REJECT, 'NO_DEADLINE')),
  breaks('WAIT without new proof of ownership', 'ONCE', plus(REJECT_WAITS, 'WAIT_IS_BLIND')),
  breaks('step without owner check', 'MEMORISED', plus(STEP, 'STEP_IGNORES_OWNER')),
  breaks('release deletes steps', 'MEMORISED', plus(STEP, 'STEPS_ARE_ERASED')),
  breaks('release deletes marks', 'ONCE', plus(STEP_ONCE, 'MARKS_ARE_ERASED')),
  breaks('mark after the step', 'ONCE', plus(STEP_ONCE, 'MARK_AFTERWARDS')),
  breaks("fence is Redis's time alone", 'FENCES', plus(FENCES_CLOCK, 'FENCE_IS_CLOCK')),
  breaks('fence is counted in the record alone', 'FENCES', plus(FENCES, 'FENCE_IS_COUNTED')),
];

/** What is checked, in this order. */
export const VARIANTS = Object.freeze([...PROMISED, ...POSSIBLE, ...NOT_PROMISED, ...MISTAKES]);
