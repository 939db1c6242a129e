import { CONTENDERS, type Contender } from '../../bench/contenders.js';
import { renderPlot } from '../../bench/report/plot.js';
import type { BenchResults } from '../../bench/results.js';
import { startBrowser, type TestBrowser } from '../support/browser.js';
import { changed, emptyResults, madeUpResults } from './made-up-results.js';

/** What a browser makes of a plot. */
interface Picture {
  /** The name of the document's first element: another one where it is not well-formed. */
  readonly root: string;
  readonly title: string;
  readonly description: string;
  readonly texts: readonly string[];
  /** Pairs of texts that cover one another, and texts that leave the picture. */
  readonly collisions: readonly string[];
  readonly paper: string;
  readonly outside: readonly string[];
  readonly problems: readonly string[];
  /** Where shapes begin and end, from left to right. */
  readonly bars: readonly { readonly mode: string; readonly from: number; readonly to: number }[];
  readonly whiskers: readonly { readonly from: number; readonly to: number }[];
  readonly one: number;
}

const LOOK = `(() => {
  const all = (what) => [...document.querySelectorAll(what)];
  const texts = all('text').map((text) => ({ text: text.textContent, box: text.getBBox() }));
  const { width, height } = document.documentElement.viewBox.baseVal;
  const apart = (one, other) =>
    one.x + one.width <= other.x || other.x + other.width <= one.x ||
    one.y + one.height <= other.y || other.y + other.height <= one.y;
  const within = ({ x, y, width: w, height: h }) => x >= 0 && y >= 0 && x + w <= width && y + h <= height;
  const span = (shape) => {
    const { x, width: w } = shape.getBBox();
    return { from: x, to: x + w };
  };
  return {
    root: all('parsererror').length > 0 ? 'parsererror' : document.documentElement.localName,
    title: document.querySelector('title').textContent,
    description: document.querySelector('desc').textContent,
    texts: texts.map(({ text }) => text),
    collisions: [
      ...texts.filter(({ box }) => !within(box)).map(({ text }) => text + ' leaves the picture'),
      ...texts.flatMap((one, index) => texts.slice(index + 1)
        .filter((other) => !apart(one.box, other.box))
        .map((other) => one.text + ' covers ' + other.text)),
    ],
    paper: getComputedStyle(document.querySelector('.paper')).fill,
    bars: all('rect[height="15"]')
      .map((bar) => ({ mode: bar.getAttribute('class'), ...span(bar) })),
    whiskers: all('.whisker').map(span),
    one: span(document.querySelector('.one')).from,
  };
})()`;

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

async function look(
  results: BenchResults,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<Picture> {
  const url = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(renderPlot(results))}`;
  const visit = await browser.visit(url, { colorScheme, viewport: { width: 920, height: 700 } });
  const seen = await visit.page.evaluate<Omit<Picture, 'outside' | 'problems'>>(LOOK);
  const { outside, problems } = visit;
  await visit.close();
  return { ...seen, outside, problems };
}

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
      ({ round }) => ({
        perSecond: none(round) * (ratios[round] ?? NaN),
      }),
    ),
  };
}

test('a browser reads the plot as SVG that asks nobody for anything', async () => {
  const { root, outside, problems, title } = await look(madeUpResults());
  expect({ root, outside, problems }).toEqual({ root: 'svg', outside: [], problems: [] });
  expect(title).toBe('Throughput relative to no idempotency, 32 connections');
  expect(renderPlot(madeUpResults())).not.toMatch(/<script|href|url\(|@import/);
});

test('every contender is named in the picture and in its description', async () => {
  const { texts, description } = await look(madeUpResults());
  for (const { title } of CONTENDERS) {
    const [name = '', ...more] = title.split(', ');
    expect(texts).toContain(name);
    if (more.length > 0) expect(texts).toContain(more.join(', '));
    expect(description).toContain(`${title}: first execution `);
  }
  expect(description).toContain(
    'graphql-idempotency, RedisStore: first execution 1.00x (1.00x to 1.00x), replay 1.25x',
  );
});

test.each([
  ['as expected', madeUpResults()],
  ['far above the others in a round', withRatios([1, 1, 9])],
  ['far below', withRatios([0.01, 0.02, 0.03])],
  ['a hundred times as fast', withRatios([90, 100, 110])],
  ['never measured', emptyResults()],
])('no text covers another or leaves the picture when a contender is %s', async (_, results) => {
  expect((await look(results)).collisions).toEqual([]);
});

test('a bar ends at the median, its whisker at the least and the most', async () => {
  const { bars, whiskers, one } = await look(withRatios([0.9, 1.1, 0.8]));
  const left = bars[0]?.from ?? NaN;
  const ratio = (x = NaN): number => (x - left) / (one - left);
  const [first] = bars.filter(({ mode }) => mode === 'first').slice(1);
  expect(ratio(first?.to)).toBeCloseTo(0.9, 2);
  expect(whiskers).toHaveLength(1);
  expect(ratio(whiskers[0]?.from)).toBeCloseTo(0.8, 2);
  expect(ratio(whiskers[0]?.to)).toBeCloseTo(1.1, 2);
});

test('it is dark where its reader wants it dark', async () => {
  const [light, dark] = [await look(madeUpResults()), await look(madeUpResults(), 'dark')];
  expect([light.paper, dark.paper]).toEqual(['rgb(255, 255, 255)', 'rgb(13, 17, 23)']);
});

test('a contender that was not measured says so and has no bar', async () => {
  const { samples, ...rest } = madeUpResults();
  const left = samples.filter(({ contender }) => contender !== 'memory');
  const { texts, description } = await look({ ...rest, samples: left });
  expect(texts.filter((text) => text === 'not measured')).toHaveLength(2);
  expect(description).toContain('MemoryStore: first execution not measured, replay not measured.');
});

test('without contenders it says that nothing was measured', async () => {
  const { root, texts, description } = await look(emptyResults());
  expect(root).toBe('svg');
  expect(texts).toContain('not measured');
  expect(description).toBe('Throughput was not measured.');
});

test('a title may hold what means something in XML', async () => {
  const odd: Contender = {
    name: 'redis',
    title: `<b> & "c" 'd'`,
    baseline: 'none',
    isProtected: true,
    usesRedis: true,
  };
  const { root, texts } = await look(madeUpResults({ contenders: [odd] }));
  expect(root).toBe('svg');
  expect(texts).toContain(odd.title);
});
