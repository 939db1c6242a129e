import type { InProcessSample, SubjectName } from '../results.js';
import type { Spread } from '../statistics.js';
import { distinct, spreadOfAny, withinRounds } from './compare.js';
import { COMPARED_WITH, microseconds, spread, times } from './format.js';
import { goalOf, judgeSpread, type Goal, type Limit } from './goal.js';
import { section, table } from './markdown.js';

/** Each with what it is held against: the same server without idempotency around that request. */
const BASELINES: Readonly<Record<SubjectName, SubjectName>> = {
  'query, no plugin': 'query, no plugin',
  'query, plugin': 'query, no plugin',
  'unmarked, no plugin': 'unmarked, no plugin',
  'unmarked, plugin': 'unmarked, no plugin',
  'marked, null store': 'unmarked, plugin',
  'marked, memory store': 'unmarked, plugin',
  'floor, unmarked': 'unmarked, no plugin',
  'floor, marked': 'floor, unmarked',
};

/** The most that a marked mutation may add to an unmarked one, by the store that it is kept in. */
const MOST = { 'marked, null store': 0.4, 'marked, memory store': 0.45 };

/** How much the library itself adds to a server that is kept busy. */
export function inProcessSmall(samples: readonly InProcessSample[]): Goal {
  const findings = (['marked, null store', 'marked, memory store'] as const).map((subject) => {
    const limit: Limit = { relation: 'at most', value: MOST[subject] };
    return judgeSpread(addedBy(samples, subject, 32), limit, times, subject);
  });
  return goalOf(
    'CPU that a mark adds to a mutation in one process, 32 in flight',
    `at most ${times(MOST['marked, null store'])} on a store that keeps nothing, ` +
      `${times(MOST['marked, memory store'])} in memory`,
    findings,
  );
}

/** What the library itself takes, without HTTP and without Redis. */
export function inProcessSection(samples: readonly InProcessSample[]): string {
  const rows = distinct(samples.map(({ inFlight }) => inFlight)).flatMap((inFlight) =>
    (Object.keys(BASELINES) as SubjectName[]).map((subject) => {
      const base = BASELINES[subject];
      const cpu = samplesOf(samples, subject, inFlight).map(({ cpuUs }) => cpuUs);
      return [
        subject,
        String(inFlight),
        spread(spreadOfAny(cpu), microseconds),
        ...(base === subject
          ? [COMPARED_WITH, COMPARED_WITH]
          : [base, spread(addedBy(samples, subject, inFlight), times)]),
      ];
    }),
  );
  return section(
    '## In one process',
    `CPU of a request without HTTP and without Redis, and what is added to that of another one. The null
store grants every claim at once and keeps nothing. The floor is written by hand: no leases, no
waiting, no types beyond JSON.`,
    table(['what', 'in flight', 'CPU per request', 'held against', 'added'], rows),
  );
}

/** How much more a subject takes than what it is held against, as a part of that. */
function addedBy(
  samples: readonly InProcessSample[],
  subject: SubjectName,
  inFlight: number,
): Spread | undefined {
  const ones = samplesOf(samples, subject, inFlight);
  const others = samplesOf(samples, BASELINES[subject], inFlight);
  return withinRounds(ones, others, (one, other) => one.cpuUs / other.cpuUs - 1);
}

function samplesOf(
  samples: readonly InProcessSample[],
  subject: SubjectName,
  inFlight: number,
): readonly InProcessSample[] {
  return samples.filter((sample) => sample.subject === subject && sample.inFlight === inFlight);
}
