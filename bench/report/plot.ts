import type { Contender } from '../contenders.js';
import type { BenchResults } from '../results.js';
import type { Spread } from '../statistics.js';
import { throughputRatio } from './compare.js';
import { NOT_MEASURED, spread, times } from './format.js';
import { BUSY } from './goals.js';
import { scaleOf, type Scale } from './plot-scale.js';
import { STYLE } from './plot-style.js';
import { element, words } from './svg.js';

const WIDTH = 920;
const LEFT = 296;
const RIGHT = 64;
const TOP = 112;
const BAR = 15;
const GROUP = 2 * BAR + 18;
const BELOW = 40;

const MODES = ['first', 'replay'] as const;
const NAMES = { first: 'first execution', replay: 'replay' };
const TITLE = `Throughput relative to no idempotency, ${String(BUSY)} connections`;

/** A contender and what it came to; `undefined` where it was not measured. */
interface Group {
  readonly contender: Contender;
  readonly ratios: Readonly<Record<(typeof MODES)[number], Spread | undefined>>;
}

/** Draws throughput relative to no idempotency as SVG that needs nothing from elsewhere. */
export function renderPlot(results: BenchResults): string {
  const groups = results.contenders.map((contender) => groupOf(results, contender));
  const height = TOP + Math.max(1, groups.length) * GROUP + BELOW;
  const values = groups.flatMap(({ ratios }) => MODES.map((mode) => ratios[mode]?.max ?? 0));
  const scale = scaleOf(values.filter(Number.isFinite), LEFT, WIDTH - LEFT - RIGHT);
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width: WIDTH,
      height,
      viewBox: `0 0 ${String(WIDTH)} ${String(height)}`,
      role: 'img',
      'aria-labelledby': 'title description',
    },
    words('title', { id: 'title' }, TITLE),
    words('desc', { id: 'description' }, description(groups)),
    element('style', {}, STYLE),
    element('rect', { class: 'paper', width: WIDTH, height }),
    heading(),
    axis(scale, height - BELOW),
    ...(groups.length === 0 ? [nothing()] : groups.map((group, at) => draw(group, at, scale))),
    one(scale, height - BELOW),
    ...groups.flatMap((group, at) => whiskers(group, at, scale)),
  )}\n`;
}

function groupOf(results: BenchResults, contender: Contender): Group {
  const ratio = (mode: (typeof MODES)[number]): Spread | undefined =>
    throughputRatio(results, contender.name, contender.baseline, { connections: BUSY, mode });
  return { contender, ratios: { first: ratio('first'), replay: ratio('replay') } };
}

function description(groups: readonly Group[]): string {
  const lines = groups.map(({ contender, ratios }) => {
    const told = MODES.map((mode) => `${NAMES[mode]} ${spread(ratios[mode], times)}`);
    return `${contender.title}: ${told.join(', ')}.`;
  });
  return lines.length === 0 ? `Throughput was ${NOT_MEASURED}.` : lines.join(' ');
}

function heading(): string {
  const note = 'Bars: median over rounds. Whiskers: least to most. Longer is better.';
  const legend = MODES.flatMap((mode, index) => {
    const x = LEFT + index * 140;
    return [
      element('rect', { class: mode, x, y: 61, width: 12, height: 12, rx: 2 }),
      words('text', { x: x + 18, y: 71 }, NAMES[mode]),
    ];
  });
  return element(
    'g',
    {},
    words('text', { class: 'head', x: 16, y: 28 }, TITLE),
    words('text', { class: 'muted', x: 16, y: 48 }, note),
    ...legend,
  );
}

function axis(scale: Scale, bottom: number): string {
  const lines = scale.ticks.flatMap((tick) => {
    const x = scale.at(tick);
    return [
      element('line', { class: 'grid', x1: x, x2: x, y1: TOP - 8, y2: bottom }),
      words('text', { class: 'tick', x, y: bottom + 18 }, times(tick)),
    ];
  });
  return element('g', {}, ...lines);
}

/** The line that says whether idempotency costs anything. */
function one(scale: Scale, bottom: number): string {
  const x = scale.at(1);
  return element(
    'g',
    {},
    element('line', { class: 'one', x1: x, x2: x, y1: TOP - 8, y2: bottom }),
    words('text', { class: 'tick', x, y: TOP - 14 }, 'as without idempotency'),
  );
}

function draw({ contender, ratios }: Group, index: number, scale: Scale): string {
  const top = TOP + index * GROUP;
  const bars = MODES.map((mode, row) => {
    const y = top + row * (BAR + 2);
    const width = length(ratios[mode], scale);
    return element('rect', { class: mode, x: LEFT, y, width, height: BAR, rx: 2 });
  });
  return element('g', {}, ...label(contender, top), ...bars);
}

/** A title may say more after its first comma: that goes below. */
function label({ title }: Contender, top: number): string[] {
  const comma = title.indexOf(', ');
  const x = LEFT - 12;
  if (comma === -1) return [words('text', { class: 'name', x, y: top + 21 }, title)];
  return [
    words('text', { class: 'name', x, y: top + 13 }, title.slice(0, comma)),
    words('text', { class: 'name muted', x, y: top + 29 }, title.slice(comma + 2)),
  ];
}

/** Least to most, and the median in figures behind it: drawn last, so that nothing covers them. */
function whiskers({ ratios }: Group, index: number, scale: Scale): string[] {
  return MODES.flatMap((mode, row) => {
    const ratio = ratios[mode];
    const y = TOP + index * GROUP + row * (BAR + 2) + BAR / 2;
    const text = (x: number, content: string): string =>
      words('text', { class: 'value', x: x + 8, y: y + 4 }, content);
    if (ratio === undefined) return [text(LEFT, NOT_MEASURED)];
    if (!isDrawn(ratio)) return [text(LEFT, times(ratio.median))];
    const [from, to] = [scale.at(ratio.min), scale.at(ratio.max)];
    const path = `M${from.toFixed(1)} ${String(y - 4)}v8m0-4H${to.toFixed(1)}m0-4v8`;
    const value = text(to, times(ratio.median));
    return ratio.min === ratio.max
      ? [value]
      : [element('path', { class: 'whisker', d: path }), value];
  });
}

function length(ratio: Spread | undefined, scale: Scale): number {
  return ratio === undefined || !isDrawn(ratio) ? 0 : scale.at(ratio.median) - LEFT;
}

/** What is not finite has no place on the axis. */
function isDrawn({ min, max }: Spread): boolean {
  return Number.isFinite(min) && Number.isFinite(max);
}

function nothing(): string {
  return words('text', { class: 'value', x: LEFT + 8, y: TOP + 20 }, NOT_MEASURED);
}
