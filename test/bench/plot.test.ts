import { CONTENDERS } from '../../bench/contenders.js';
import { barsOf, renderPlot } from '../../bench/report/plot.js';
import type { BenchResults } from '../../bench/results.js';
import { changed, emptyResults, madeUpResults } from './made-up-results.js';

/** Throughput of one contender at 32 connections, round by round, relative to none. */
function withRatios(ratios: readonly number[]): BenchResults {
  const { samples, ...rest } = madeUpResults();
  const none = (round: number): number =>
    samples.find((s) => s.contender === 'none' && s.round === round)?.perSecond ?? NaN;
  return {
    ...rest,
    samples: changed(
      samples,
      { contender: 'redis', connections: 32, mode: 'first' },
      ({ round }) => ({ perSecond: none(round) * (ratios[round] ?? NaN) }),
    ),
  };
}

const firstOf = (results: BenchResults, title: string): unknown =>
  barsOf(results).find(({ contender, mode }) => contender === title && mode === 'first execution');

test('a bar ends at the median, its whisker at the least and the most', () => {
  expect(firstOf(withRatios([0.9, 1.1, 0.8]), 'graphql-idempotency, RedisStore')).toMatchObject({
    label: '0.90x',
    min: expect.closeTo(0.8) as number,
    median: expect.closeTo(0.9) as number,
    max: expect.closeTo(1.1) as number,
  });
});

test('what is not finite has a label, and no place on the axis', () => {
  expect(firstOf(withRatios([1, Infinity, 1]), 'graphql-idempotency, RedisStore')).toMatchObject({
    min: null,
    max: null,
  });
});

test('a contender that was not measured says so and has no bar', async () => {
  const { samples, ...rest } = madeUpResults();
  const left = samples.filter(({ contender }) => contender !== 'memory');
  const results = { ...rest, samples: left };
  expect(firstOf(results, 'graphql-idempotency, MemoryStore')).toMatchObject({
    label: 'not measured',
    median: null,
  });
  expect((await renderPlot(results)).match(/>not measured</g)).toHaveLength(2);
});

test('the picture names every contender and shows each value, and asks nobody for anything', async () => {
  const results = madeUpResults();
  const svg = await renderPlot(results);
  const texts = Array.from(svg.matchAll(/>([^<>]+)<\/(?:text|tspan)>/g), ([, text]) => text);
  for (const { title } of CONTENDERS) {
    for (const line of title.split(', ')) expect(texts).toContain(line);
  }
  for (const { label } of barsOf(results)) expect(texts).toContain(label);
  expect(svg).toMatch(/^<svg /);
  expect(svg).not.toMatch(/<script|<image|url\(http|@import/);
});

test('the same results give the same picture', async () => {
  expect(await renderPlot(madeUpResults())).toBe(await renderPlot(madeUpResults()));
});

test('without contenders there is an empty picture', async () => {
  expect(barsOf(emptyResults())).toEqual([]);
  expect(await renderPlot(emptyResults())).toMatch(/^<svg /);
});
