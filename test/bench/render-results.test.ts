import { CONTENDERS } from '../../bench/contenders.js';
import { renderResults } from '../../bench/report/render-results.js';
import { changed, emptyResults, madeUpResults } from './made-up-results.js';

/** The part of a report below a heading, up to the next heading. */
function below(report: string, heading: string): string {
  const parts = report.split(/^(#+ .*)$/m);
  const at = parts.indexOf(heading);
  expect(at).toBeGreaterThan(0);
  return parts[at + 1] ?? '';
}

/** The cells of the rows of a table. */
function rowsOf(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) => line.slice(2, -2).split(' | '));
}

const report = renderResults(madeUpResults());

test('the same results give the same text', () => {
  expect(renderResults(madeUpResults())).toBe(report);
});

test('the answer comes first, then the plot, then the goals, then the rest', () => {
  const order = [
    'first executions **1.00x**, replays **1.25x**',
    '13 of 13 goals are reached',
    '](throughput.svg)',
    '## Goals',
    '## How it is measured',
    '## Requests',
  ].map((text) => report.indexOf(text));
  expect(order).not.toContain(-1);
  expect(order).toEqual([...order].sort((one, other) => one - other));
});

test('it says when, on what and with what it was measured, and how to do it again', () => {
  const top = report.slice(0, report.indexOf('## Goals'));
  for (const said of [
    '`npm run bench`',
    '2026-11-24, in 21 minutes, on 2 processors',
    'A Processor @ 2.50GHz',
    '8 GiB',
    'Node 20.20.2, Redis 7.0.15',
  ]) {
    expect(top).toContain(said);
  }
});

test('a goal that is not reached stands out', () => {
  const { samples, ...rest } = madeUpResults();
  const slow = changed(samples, { contender: 'redis', connections: 32, mode: 'first' }, (s) => ({
    perSecond: s.perSecond * 0.93,
  }));
  const text = renderResults({ ...rest, samples: slow });
  expect(rowsOf(below(text, '## Goals'))[0]?.slice(2)).toEqual([
    '0.93x (0.93x to 0.93x)',
    '**not reached**',
  ]);
  expect(text).toContain('first executions **0.93x**');
  expect(text).toMatch(/\n11 of 13 goals are reached/);
});

describe('a row of the matrix', () => {
  test('has all contenders in their order, and their figures', () => {
    const rows = rowsOf(below(report, '### 32 connections, replay'));
    expect(rows.map(([title]) => title)).toEqual(CONTENDERS.map(({ title }) => title));
    expect(rows[1]).toEqual([
      'graphql-idempotency, RedisStore',
      '2 500',
      '1.25x (1.25x to 1.25x)',
      '35.5 ms',
      '107 ms',
      '321 µs',
      '12.3 µs',
      '1',
    ]);
  });

  test('compares a contender with its own baseline, and no baseline with itself', () => {
    const rows = rowsOf(below(report, '### 32 connections, first execution'));
    expect(rows.find(([title]) => title?.startsWith('TypeGraphQL, graphql'))?.[2]).toBe(
      '1.00x (1.00x to 1.00x)',
    );
    expect(rows.filter((row) => row[2] === '-').map(([title]) => title)).toEqual([
      'no idempotency',
      'TypeGraphQL, no idempotency',
    ]);
  });

  test('has the bare commands where they were measured, below the contenders', () => {
    const titles = rowsOf(below(report, '### 1 connection, first execution')).map(
      ([title]) => title,
    );
    expect(titles.slice(CONTENDERS.length)).toEqual(['one PING', 'two PINGs, one after the other']);
  });

  test('says of an absent contender that it was not measured', () => {
    const { samples, ...rest } = madeUpResults();
    const left = samples.filter(({ contender }) => contender !== 'powertools');
    const text = renderResults({ ...rest, samples: left });
    const row = rowsOf(below(text, '### 32 connections, mix (one replay in ten)')).find(([title]) =>
      title?.includes('powertools'),
    );
    expect(row?.slice(1)).toEqual(Array.from({ length: 7 }, () => 'not measured'));
  });
});

test.each([
  ['## Queries and mutations that are not marked', 'query', '0'],
  ['## Bytes of a completed record', 'graphql-idempotency, RedisStore', '1 110'],
  ['## Duplicates that wait', 'engine', '8.50 (7 to 10)'],
  ['## Many records in Redis', 'first', '1.00x (1.00x to 1.00x)'],
  ['## Results of different sizes', 'replay', '12.3 µs'],
  ['## Encoding and fingerprints', '1 030', '3.00 µs'],
  ['## Redis Cluster', '3', '32.7 %'],
])('below "%s" a row of "%s" ends with %s', (heading, first, last) => {
  const ends = rowsOf(below(report, heading))
    .filter(([cell]) => cell === first)
    .map((row) => row.at(-1));
  expect(ends).toContain(last);
});

test('shares of commands and records stand beside the share of slots', () => {
  const { cluster, ...rest } = madeUpResults();
  const nodes = [
    { slots: 8_192, commands: 750, records: 90 },
    { slots: 8_192, commands: 250, records: 10 },
  ];
  const text = below(
    renderResults({ ...rest, cluster: { ...cluster, nodes } }),
    '## Redis Cluster',
  );
  expect(rowsOf(text)).toEqual([
    ['1', '8 192', '50.0 %', '75.0 %', '90.0 %'],
    ['2', '8 192', '50.0 %', '25.0 %', '10.0 %'],
  ]);
  expect(text).toContain('Redirections: 3.');
});

test('a run that measured nothing says so in every section and has no broken figure', () => {
  const text = renderResults(emptyResults());
  expect(text.match(/^Not measured\.$/gm)).toHaveLength(9);
  expect(text).toContain('0 of 13 goals are reached');
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
});

test('the report has no broken figure', () => {
  expect(report).not.toMatch(/NaN|undefined|Infinity|not measured x/);
});
