import { BYSTANDERS, type BenchResults, type CodecResult } from '../results.js';
import { spreadOfAny, throughputWithinRounds, withinRounds } from './compare.js';
import { count, few, microseconds, milliseconds, times } from './format.js';
import { goalOf, judge, judgeSpread, type Goal, type Limit } from './goal.js';

/** What has no key costs nothing. */
export function bystandersUntouched({ bystanders, commands }: BenchResults): Goal {
  const findings = BYSTANDERS.flatMap((what) => {
    const of = (contender: string): typeof bystanders =>
      bystanders.filter((sample) => sample.contender === contender && sample.what === what);
    const sent = commands.find(
      ({ contender, what: counted }) => contender === 'redis' && counted === what,
    );
    const ratio = throughputWithinRounds(of('redis'), of('none'));
    return [
      judge(sent?.perRequest, { relation: 'at most', value: 0 }, few, `${what}, commands`),
      judgeSpread(ratio, { relation: 'at least', value: 0.99 }, times, `${what}, throughput`),
    ];
  });
  return goalOf(
    'queries and unmarked mutations, against no idempotency',
    'no Redis commands, throughput at least 0.99x',
    findings,
  );
}

/** What a record takes beyond its outcome, at worst. */
export function recordsSmall({ records }: BenchResults): Goal {
  const limit: Limit = { relation: 'at most', value: 200 };
  const beyond = records
    .filter(({ contender }) => contender === 'redis')
    .map(({ recordBytes, outcomeBytes }) => recordBytes - (outcomeBytes ?? NaN));
  // The worst is not known while one of them is not.
  const worst = beyond.some(Number.isNaN) ? undefined : spreadOfAny(beyond)?.max;
  return goalOf(
    "a completed record beyond the outcome's own bytes, worst of all sizes",
    'at most 200 bytes',
    [judge(worst, limit, (value, more) => `${count(value, more)} bytes`)],
  );
}

/** How soon and with how little those who wait are told. */
export function waitersWoken({ waiters }: BenchResults): Goal {
  const found = waiters.find(
    (result) => result.at === 'engine' && result.waiters === 500 && result.keys === 1,
  );
  const p99 = spreadOfAny(found?.p99Ms ?? []);
  const commands = spreadOfAny(found?.commands ?? [])?.max;
  return goalOf(
    '500 waiters on one key',
    'p99 at most 5 ms after completion, at most 10 Redis commands',
    [
      judgeSpread(p99, { relation: 'at most', value: 5 }, milliseconds, 'p99'),
      judge(commands, { relation: 'at most', value: 10 }, few, 'most commands'),
    ],
  );
}

/** Latency does not grow with the number of records. */
export function populationFlat({ populations }: BenchResults): Goal {
  const findings = (['first', 'replay'] as const).map((mode) => {
    const at = (records: number): typeof populations =>
      populations.filter((sample) => sample.mode === mode && sample.records === records);
    const ratio = withinRounds(
      at(1_000_000),
      at(1_000),
      (many, little) => many.p50Us / little.p50Us,
    );
    return judgeSpread(ratio, { relation: 'at most', value: 1.05 }, times, mode);
  });
  return goalOf(
    '1 million records in Redis against 1 thousand, one connection',
    'latency (p50) at most 1.05x',
    findings,
  );
}

/** What the library computes for a result of a usual size. */
export function codecFast({ codec }: BenchResults): Goal {
  const limit: Limit = { relation: 'under', value: 15 };
  const [usual] = codec
    .filter(({ jsonBytes }) => jsonBytes >= 700 && jsonBytes <= 1_500)
    .sort((one, other) => Math.abs(one.jsonBytes - 1_024) - Math.abs(other.jsonBytes - 1_024));
  return goalOf('outcome of 1 KB: encode, decode and fingerprint', 'under 15 µs', [
    judge(usual === undefined ? undefined : computed(usual), limit, microseconds),
  ]);
}

/** Encode, decode and fingerprint together, in microseconds. */
export function computed({ encodeUs, decodeUs, fingerprintUs }: CodecResult): number {
  return encodeUs + decodeUs + fingerprintUs;
}
