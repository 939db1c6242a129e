import { CONTENDERS, PINGS } from '../../bench/contenders.js';
import type {
  BenchResults,
  BystanderSample,
  Figures,
  InProcessSample,
  Mode,
  PopulationSample,
  Sample,
  SizeSample,
  SubjectName,
} from '../../bench/results.js';

const ROUNDS = [0, 1, 2];
/** What a round is faster or slower than the others, for all that take turns in it. */
const LUCK = [0.9, 1, 1.2];

/** How much slower than `none` a contender is, one connection: what it adds to 1 ms. */
const ADDED_US: Readonly<Record<string, number>> = {
  none: 0,
  'type-graphql-none': 0,
  memory: 20,
  'one-ping': 100,
  'two-pings': 200,
};

function figures(perSecond: number, p50Us: number, round: number): Figures {
  const luck = LUCK[round] ?? 1;
  return {
    perSecond: perSecond * luck,
    p50Us: p50Us / luck,
    p99Us: (p50Us * 3) / luck,
    cpuUs: 321,
    redisCpuUs: 12.34,
  };
}

/** Figures in which every round is the same but for its luck. */
function matrix(): Sample[] {
  const rates: Record<string, Record<Mode, number>> = {
    none: { first: 2_000, replay: 2_000, mix: 2_000 },
    redis: { first: 2_000, replay: 2_500, mix: 2_050 },
    memory: { first: 2_100, replay: 2_600, mix: 2_200 },
    'floor-batched': { first: 2_050, replay: 2_200, mix: 2_060 },
    'node-idempotency': { first: 1_100, replay: 1_300, mix: 1_120 },
    powertools: { first: 1_400, replay: 1_600, mix: 1_420 },
  };
  return [...CONTENDERS, ...PINGS].flatMap(({ name }) =>
    (['first', 'replay', 'mix'] as const).flatMap((mode) =>
      (name.endsWith('ping') || name.endsWith('pings') ? [1] : [1, 32]).flatMap((connections) =>
        ROUNDS.map((round) => ({
          contender: name,
          connections,
          mode,
          round,
          ...figures(
            rates[name]?.[mode] ?? 1_800,
            connections * (1_000 + (ADDED_US[name] ?? (mode === 'replay' ? 110 : 220))),
            round,
          ),
        })),
      ),
    ),
  );
}

/** Results of a run in which every goal is reached, with `changes` on top. */
export function madeUpResults(changes: Partial<BenchResults> = {}): BenchResults {
  return {
    startedAt: '2026-11-24T22:11:00.000Z',
    seconds: 1_234,
    machine: {
      cpus: 2,
      model: 'A Processor @ 2.50GHz',
      memoryGiB: 8,
      versions: { Node: '20.20.2', Redis: '7.0.15' },
    },
    contenders: CONTENDERS,
    samples: matrix(),
    bystanders: bystanders(),
    commands: [
      { contender: 'redis', what: 'query', perRequest: 0 },
      { contender: 'redis', what: 'unmarked mutation', perRequest: 0 },
      { contender: 'redis', what: 'first', perRequest: 2 },
      { contender: 'redis', what: 'replay', perRequest: 1 },
      { contender: 'redis', what: 'mix', perRequest: 1.9 },
    ],
    records: [
      {
        contender: 'redis',
        resultBytes: 1_024,
        recordBytes: 1_150,
        outcomeBytes: 980,
        bareBytes: 1_110,
      },
      { contender: 'redis', resultBytes: 65_536, recordBytes: 65_700, outcomeBytes: 65_500 },
      { contender: 'powertools', resultBytes: 1_024, recordBytes: 1_600 },
    ],
    waiters: [
      { at: 'engine', waiters: 500, keys: 1, p50Ms: [1, 2], p99Ms: [3, 4], commands: [7, 10] },
      { at: 'http', waiters: 500, keys: 500, p50Ms: [20], p99Ms: [40], commands: [1_500] },
    ],
    populations: populations(),
    sizes: sizes(),
    codec: [
      {
        jsonBytes: 1_030,
        encodedBytes: 990,
        encodeUs: 5,
        decodeUs: 4,
        fingerprintUs: 5.5,
        jsonStringifyUs: 2,
        jsonParseUs: 3,
      },
    ],
    inProcess: inProcess(),
    cluster: {
      firsts: 3_000,
      replays: 1_000,
      nodes: [
        { slots: 5_461, commands: 2_300, records: 1_000 },
        { slots: 5_462, commands: 2_350, records: 1_020 },
        { slots: 5_461, commands: 2_350, records: 980 },
      ],
      redirections: 3,
      crossSlotErrors: 0,
    },
    ...changes,
  };
}

/** A run that measured nothing. */
export function emptyResults(): BenchResults {
  return madeUpResults({
    contenders: [],
    samples: [],
    bystanders: [],
    commands: [],
    records: [],
    waiters: [],
    populations: [],
    sizes: [],
    codec: [],
    inProcess: [],
    cluster: { firsts: 0, replays: 0, nodes: [], redirections: 0, crossSlotErrors: 0 },
  });
}

/** The same samples, some of them changed. */
export function changed(
  samples: readonly Sample[],
  which: Partial<Sample>,
  change: (sample: Sample) => Partial<Sample>,
): readonly Sample[] {
  const concerns = (sample: Sample): boolean =>
    Object.entries(which).every(([name, value]) => sample[name as keyof Sample] === value);
  return samples.map((sample) => (concerns(sample) ? { ...sample, ...change(sample) } : sample));
}

function bystanders(): BystanderSample[] {
  return (['none', 'redis'] as const).flatMap((contender) =>
    (['query', 'unmarked mutation'] as const).flatMap((what) =>
      ROUNDS.map((round) => ({ contender, what, round, ...figures(3_000, 9_000, round) })),
    ),
  );
}

function inProcess(): InProcessSample[] {
  const costs = {
    'query, no plugin': 50,
    'query, plugin': 50,
    'unmarked, no plugin': 60,
    'unmarked, plugin': 60,
    'marked, null store': 81,
    'marked, memory store': 84,
    'floor, unmarked': 60,
    'floor, marked': 80,
  } satisfies Record<SubjectName, number>;
  return (Object.keys(costs) as SubjectName[]).flatMap((subject) =>
    [1, 32].flatMap((inFlight) =>
      ROUNDS.map((round) => ({
        subject,
        inFlight,
        round,
        cpuUs: costs[subject] * (LUCK[round] ?? 1),
      })),
    ),
  );
}

function populations(): PopulationSample[] {
  return [1_000, 1_000_000].flatMap((records) =>
    (['first', 'replay'] as const).flatMap((mode) =>
      ROUNDS.map((round) => ({ records, mode, round, ...figures(900, 1_000, round) })),
    ),
  );
}

function sizes(): SizeSample[] {
  return (['none', 'redis', 'floor'] as const).flatMap((contender) =>
    [1_024, 65_536].flatMap((resultBytes) =>
      (['first', 'replay'] as const).flatMap((mode) =>
        ROUNDS.map((round) => ({
          contender,
          resultBytes,
          mode,
          round,
          ...figures(1_500, 2_000, round),
        })),
      ),
    ),
  );
}
