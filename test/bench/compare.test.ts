import {
  addedLatency,
  addedLatencyRatio,
  rowsOf,
  throughputRatio,
} from '../../bench/report/compare.js';
import type { Sample } from '../../bench/results.js';

function sample(contender: string, round: number, perSecond: number, p50Us = 100): Sample {
  const rest = { p99Us: 1, cpuUs: 1, redisCpuUs: 1 };
  return { contender, round, connections: 1, mode: 'first', perSecond, p50Us, ...rest };
}

const ROW = { connections: 1, mode: 'first' } as const;

test('a ratio is made within a round, not of medians', () => {
  const samples = [
    sample('redis', 0, 100),
    sample('redis', 1, 300),
    sample('redis', 2, 220),
    sample('none', 2, 200),
    sample('none', 1, 200),
    sample('none', 0, 200),
  ];
  expect(throughputRatio({ samples }, 'redis', 'none', ROW)).toEqual({
    median: 1.1,
    min: 0.5,
    max: 1.5,
  });
});

test('a round that one of the two did not take part in is left out', () => {
  const samples = [sample('redis', 0, 100), sample('redis', 1, 1), sample('none', 0, 200)];
  expect(throughputRatio({ samples }, 'redis', 'none', ROW)).toEqual({
    median: 0.5,
    min: 0.5,
    max: 0.5,
  });
});

test('without a common round there is no ratio', () => {
  const samples = [sample('redis', 0, 100), sample('none', 1, 200)];
  expect(throughputRatio({ samples }, 'redis', 'none', ROW)).toBeUndefined();
});

test('another row is not mixed in', () => {
  const samples: Sample[] = [
    sample('redis', 0, 100),
    { ...sample('none', 0, 1), mode: 'replay' },
    { ...sample('none', 0, 1), connections: 32 },
    sample('none', 0, 200),
  ];
  expect(throughputRatio({ samples }, 'redis', 'none', ROW)?.max).toBe(0.5);
});

test('added latency is what is beyond no idempotency in the same round', () => {
  const samples = [
    sample('redis', 0, 1, 150),
    sample('redis', 1, 1, 260),
    sample('none', 0, 1, 100),
    sample('none', 1, 1, 200),
  ];
  expect(addedLatency({ samples }, 'redis', ROW)).toEqual([
    { round: 0, us: 50 },
    { round: 1, us: 60 },
  ]);
});

test('what added nothing in a round makes no small ratio of it', () => {
  const ones = [{ round: 0, us: 50 }];
  expect(addedLatencyRatio(ones, [{ round: 0, us: -10 }])?.median).toBe(Infinity);
  expect(addedLatencyRatio(ones, [{ round: 0, us: 0 }])?.median).toBe(Infinity);
});

test('rows come by connections, then first executions, replays and the mix', () => {
  const samples: Sample[] = [
    { ...sample('a', 0, 1), connections: 32, mode: 'mix' },
    { ...sample('a', 0, 1), connections: 32, mode: 'first' },
    { ...sample('a', 0, 1), connections: 4, mode: 'replay' },
    { ...sample('a', 1, 1), connections: 4, mode: 'replay' },
  ];
  expect(rowsOf({ samples })).toEqual([
    { connections: 4, mode: 'replay' },
    { connections: 32, mode: 'first' },
    { connections: 32, mode: 'mix' },
  ]);
});
