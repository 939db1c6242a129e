import type { Goal } from '../../bench/report/goal.js';
import { goalsOf } from '../../bench/report/goals.js';
import type { BenchResults, Sample } from '../../bench/results.js';
import { changed, emptyResults, madeUpResults } from './made-up-results.js';

/** Which goal is meant, by what its title begins with. */
function goal(title: string, changes: Partial<BenchResults> = {}): Goal {
  const found = goalsOf(madeUpResults(changes)).filter((one) => one.title.startsWith(title));
  expect(found).toHaveLength(1);
  return found[0] as Goal;
}

const { samples, bystanders, commands, records, waiters, populations, codec } = madeUpResults();

/** The samples without those of a contender, or without some of them. */
function without(contender: string, which: Partial<Sample> = {}): Partial<BenchResults> {
  const left = samples.filter(
    (sample) =>
      sample.contender !== contender ||
      !Object.entries(which).every(([name, value]) => sample[name as keyof Sample] === value),
  );
  expect(left.length).toBeLessThan(samples.length);
  return { samples: left };
}

/** The samples, some of them with so many times their throughput. */
function faster(which: Partial<Sample>, factor: number): Partial<BenchResults> {
  return {
    samples: changed(samples, which, ({ perSecond }) => ({ perSecond: perSecond * factor })),
  };
}

test('every goal is reached where every figure is good enough', () => {
  expect(goalsOf(madeUpResults()).filter(({ verdict }) => verdict !== 'reached')).toEqual([]);
});

test('without figures no goal is called reached, and none is forgotten', () => {
  const goals = goalsOf(emptyResults());
  expect(goals).toHaveLength(13);
  expect(new Set(goals.map(({ verdict }) => verdict))).toEqual(new Set(['not measured']));
});

describe.each([
  ['first execution, 32 connections, against no idempotency', 'first', 'none', 1 / 1],
  ['replay, 32 connections, against no idempotency', 'replay', 'none', 1.2 / 1.25],
  ['first execution, 32 connections, against the floor', 'first', 'floor-batched', 0.95 / 0.9756],
] as const)('%s', (title, mode, other, enough) => {
  const row = { connections: 32, mode };

  test('is reached a little above its limit', () => {
    const { verdict } = goal(title, faster({ contender: 'redis', ...row }, enough * 1.001));
    expect(verdict).toBe('reached');
  });

  test('is not reached a little below it, and does not look as if it were', () => {
    const { verdict, measured } = goal(
      title,
      faster({ contender: 'redis', ...row }, enough * 0.999),
    );
    expect(verdict).toBe('not reached');
    expect(measured).toMatch(/^(0\.999|1\.199|0\.949)x \(/);
  });

  test('is about this row alone', () => {
    const changes = {
      samples: changed(samples, { contender: 'redis' }, (s) => ({
        perSecond: s.connections === 32 && s.mode === mode ? s.perSecond : 1,
      })),
    };
    expect(goal(title, changes).verdict).toBe('reached');
  });

  test.each(['redis', other])('is not measured without %s', (contender) => {
    expect(goal(title, without(contender, row))).toMatchObject({
      measured: 'not measured',
      verdict: 'not measured',
    });
  });
});

describe.each([
  ['first execution, one connection', 'first', 'two-pings', 200],
  ['replay, one connection', 'replay', 'one-ping', 100],
] as const)('latency of a %s', (title, mode, ping, pingUs) => {
  const latency = (factor: number): Partial<BenchResults> => ({
    samples: changed(samples, { contender: 'redis', connections: 1, mode }, ({ round }) => ({
      p50Us: (1_000 + pingUs * factor) / ([0.9, 1, 1.2][round] ?? 1),
    })),
  });

  test('is reached at 1.15 times the bare round trips', () => {
    const { verdict, measured } = goal(title, latency(1.1499));
    expect(verdict).toBe('reached');
    expect(measured).toContain(`against ${String(pingUs)} µs`);
  });

  test('is not reached above', () => {
    const { verdict, measured } = goal(title, latency(1.152));
    expect(verdict).toBe('not reached');
    expect(measured).toMatch(/^1\.152x/);
  });

  test('is not reached because the bare round trips cost nothing', () => {
    const free = changed(samples, { contender: ping }, () => ({ p50Us: 1 }));
    expect(goal(title, { samples: free })).toMatchObject({
      verdict: 'not reached',
      measured: expect.stringMatching(/^no ratio/) as string,
    });
  });

  test.each(['redis', 'none', ping])('is not measured without %s', (contender) => {
    expect(goal(title, without(contender)).verdict).toBe('not measured');
  });
});

test('a bare round trip may have been measured with first executions only', () => {
  const changes = without('one-ping', { mode: 'replay' });
  expect(goal('replay, one connection', changes).verdict).toBe('reached');
});

describe('being ahead of every other package', () => {
  const title = 'every number of connections';

  test('names the closest row when it is reached', () => {
    expect(
      goal(title, faster({ contender: 'powertools', connections: 32, mode: 'mix' }, 1.2)),
    ).toMatchObject({
      verdict: 'reached',
      measured:
        'closest: powertools, 32 connections, mix (one replay in ten): 1.20x (1.20x to 1.20x)',
    });
  });

  test('names the rows where it is not so, and no others', () => {
    const row = { connections: 1, mode: 'replay' } as const;
    expect(goal(title, faster({ contender: 'node-idempotency', ...row }, 2))).toMatchObject({
      verdict: 'not reached',
      measured: 'node-idempotency, 1 connection, replay: 0.96x (0.96x to 0.96x)',
    });
  });

  test('is not reached by being just as fast', () => {
    const { verdict } = goal(title, {
      samples: changed(samples, { contender: 'powertools' }, ({ connections, mode, round }) => {
        const same = samples.find(
          (s) =>
            s.contender === 'redis' &&
            s.connections === connections &&
            s.mode === mode &&
            s.round === round,
        );
        return { perSecond: same?.perSecond ?? NaN };
      }),
    });
    expect(verdict).toBe('not reached');
  });

  test('is not measured while a row of another package is missing', () => {
    const { verdict, measured } = goal(
      title,
      without('powertools', { mode: 'mix', connections: 1 }),
    );
    expect(verdict).toBe('not measured');
    expect(measured).toContain('powertools, 1 connection, mix (one replay in ten): not measured');
  });
});

describe('queries and unmarked mutations', () => {
  const title = 'queries and unmarked mutations';

  test.each([['query'], ['unmarked mutation']])('are not untouched when a %s is slower', (what) => {
    const slower = bystanders.map((sample) =>
      sample.contender === 'redis' && sample.what === what
        ? { ...sample, perSecond: sample.perSecond * 0.98 }
        : sample,
    );
    expect(goal(title, { bystanders: slower })).toMatchObject({
      verdict: 'not reached',
      measured: expect.stringContaining(`${what}, throughput: 0.98x`) as string,
    });
  });

  test('may lose one in a hundred', () => {
    const slower = bystanders.map((sample) =>
      sample.contender === 'redis' ? { ...sample, perSecond: sample.perSecond * 0.991 } : sample,
    );
    expect(goal(title, { bystanders: slower }).verdict).toBe('reached');
  });

  test('may not send a single command', () => {
    const sent = commands.map((one) =>
      one.what === 'query' ? { ...one, perRequest: 0.001 } : one,
    );
    expect(goal(title, { commands: sent })).toMatchObject({
      verdict: 'not reached',
      measured: expect.stringMatching(/^query, commands: 0\.001;/) as string,
    });
  });

  test('are not measured while their commands are not counted', () => {
    expect(goal(title, { commands: commands.filter(({ what }) => what !== 'query') }).verdict).toBe(
      'not measured',
    );
  });
});

describe('bytes of a record', () => {
  const title = 'a completed record';

  test('are judged by the worst size', () => {
    const [small, large] = records;
    expect(small).toBeDefined();
    const changes = {
      records: [
        { ...small, recordBytes: 1_181 } as (typeof records)[0],
        large as (typeof records)[0],
      ],
    };
    expect(goal(title, changes)).toMatchObject({ verdict: 'not reached', measured: '201 bytes' });
  });

  test('of other contenders do not matter', () => {
    const huge = { contender: 'floor', resultBytes: 1, recordBytes: 9_999, outcomeBytes: 1 };
    expect(goal(title, { records: [...records, huge] }).verdict).toBe('reached');
  });

  test('are not measured while the outcome of a size is not known', () => {
    const unknown = { contender: 'redis', resultBytes: 1_024, recordBytes: 100 };
    expect(goal(title, { records: [unknown] }).verdict).toBe('not measured');
    expect(goal(title, { records: [...records, unknown] }).verdict).toBe('not measured');
  });
});

describe('500 waiters on one key', () => {
  const title = '500 waiters';
  const engine = {
    at: 'engine',
    waiters: 500,
    keys: 1,
    p50Ms: [1],
    p99Ms: [5],
    commands: [10],
  } as const;

  test('may take 5 ms and 10 commands', () => {
    expect(goal(title, { waiters: [engine] }).verdict).toBe('reached');
  });

  test('are too late after more than 5 ms', () => {
    const changes = { waiters: [{ ...engine, p99Ms: [1, 5.001, 6] }] };
    expect(goal(title, changes)).toMatchObject({
      verdict: 'not reached',
      measured: 'p99: 5.001 ms (1.00 ms to 6.00 ms); most commands: 10',
    });
  });

  test('send too many commands when they do so in one round', () => {
    const changes = { waiters: [{ ...engine, commands: [2, 2, 11] }] };
    expect(goal(title, changes).verdict).toBe('not reached');
  });

  test.each([
    ['only whole requests were', [{ ...engine, at: 'http' as const }]],
    ['other numbers of keys were', [{ ...engine, keys: 500 }]],
    ['there were no rounds', [{ ...engine, p99Ms: [], commands: [] }]],
  ])('are not measured where %s', (_, others) => {
    expect(goal(title, { waiters: others }).verdict).toBe('not measured');
  });

  test('are found among others', () => {
    expect(goal(title, { waiters: [...waiters].reverse() }).verdict).toBe('reached');
  });
});

describe('a million records', () => {
  const title = '1 million records';
  const slower = (factor: number, mode: string): Partial<BenchResults> => ({
    populations: populations.map((sample) =>
      sample.records === 1_000_000 && sample.mode === mode
        ? { ...sample, p50Us: sample.p50Us * factor }
        : sample,
    ),
  });

  test.each(['first', 'replay'])('may add a twentieth to a %s', (mode) => {
    expect(goal(title, slower(1.049, mode)).verdict).toBe('reached');
  });

  test.each(['first', 'replay'])('may not add more to a %s', (mode) => {
    expect(goal(title, slower(1.06, mode)).verdict).toBe('not reached');
  });

  test('are not measured where there were fewer', () => {
    const few = populations.map((sample) => ({ ...sample, records: sample.records / 10 }));
    expect(goal(title, { populations: few }).verdict).toBe('not measured');
  });
});

describe('what a request takes of Redis', () => {
  const title = 'Redis CPU per request';
  const using = (mode: Sample['mode'], redisCpuUs: number): Partial<BenchResults> => ({
    samples: changed(samples, { contender: 'redis', connections: 32, mode }, () => ({
      redisCpuUs,
    })),
  });
  const floorUs = samples.find(({ contender }) => contender === 'floor-batched')?.redisCpuUs ?? NaN;

  test.each([
    ['first', 9, 'reached'],
    ['replay', 4.5, 'reached'],
    ['first', floorUs * 1.09, 'reached'],
    ['replay', floorUs * 1.09, 'reached'],
    ['first', floorUs * 1.2, 'not reached'],
    ['replay', floorUs * 1.2, 'not reached'],
  ] as const)('for a %s, %p µs: %s', (mode, us, verdict) => {
    expect(goal(title, using(mode, us)).verdict).toBe(verdict);
  });

  test('is not called reached without a replay', () => {
    expect(goal(title, without('redis', { mode: 'replay', connections: 32 })).verdict).toBe(
      'not measured',
    );
  });
});

describe('what is computed for a result of 1 KB', () => {
  const title = 'outcome of 1 KB';
  const usual = codec[0] as (typeof codec)[0];

  test.each([
    [5.4, '14.9 µs', 'reached'],
    [5.49, '14.99 µs', 'reached'],
    [5.5, '15.0 µs', 'not reached'],
    [5.51, '15.01 µs', 'not reached'],
  ])('with a fingerprint in %p µs takes %s: %s', (fingerprintUs, measured, verdict) => {
    const changes = { codec: [{ ...usual, encodeUs: 5.5, decodeUs: 4, fingerprintUs }] };
    expect(goal(title, changes)).toMatchObject({ measured, verdict });
  });

  test('is that of the size closest to 1 KB', () => {
    const sizes = [
      { ...usual, jsonBytes: 1_400, encodeUs: 100 },
      usual,
      { ...usual, jsonBytes: 100_000, encodeUs: 5_000 },
    ];
    expect(goal(title, { codec: sizes }).measured).toBe('14.5 µs');
  });

  test('is not measured by other sizes', () => {
    expect(goal(title, { codec: [{ ...usual, jsonBytes: 100_000 }] }).verdict).toBe('not measured');
  });
});

describe('what a mark adds to a mutation in one process', () => {
  const title = 'CPU that a mark adds';
  const { inProcess } = madeUpResults();
  /** With the marked requests of the null store this many times as expensive. */
  const dearer = (factor: number): typeof inProcess =>
    inProcess.map((sample) =>
      sample.subject === 'marked, null store' && sample.inFlight === 32
        ? { ...sample, cpuUs: sample.cpuUs * factor }
        : sample,
    );

  test('is what is beyond the unmarked request of the same round', () => {
    expect(goal(title)).toMatchObject({
      measured:
        'marked, null store: 0.35x (0.35x to 0.35x); marked, memory store: 0.40x (0.40x to 0.40x)',
      verdict: 'reached',
    });
  });

  test('is too much beyond 0.40x', () => {
    expect(goal(title, { inProcess: dearer(1.03) }).verdict).toBe('reached');
    expect(goal(title, { inProcess: dearer(1.05) }).verdict).toBe('not reached');
  });

  test('is not known from requests that come one by one', () => {
    const alone = inProcess.filter(({ inFlight }) => inFlight === 1);
    expect(goal(title, { inProcess: alone }).verdict).toBe('not measured');
  });
});
