import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { BenchResults } from '../results.js';
import { throughputRatio } from './compare.js';
import { NOT_MEASURED, times } from './format.js';
import { BUSY } from './goals.js';

const MODES = ['first', 'replay'] as const;
const NAMES = { first: 'first execution', replay: 'replay' };
const COLORS = ['#4493f8', '#e3a008'];

/** One bar: what a contender came to in one mode. */
export interface Bar {
  readonly contender: string;
  readonly mode: string;
  /** The value, or that there is none. */
  readonly label: string;
  /** Throughput relative to no idempotency, over the rounds; null where it was not measured. */
  readonly min: number | null;
  readonly median: number | null;
  readonly max: number | null;
}

/** The bars of the plot, a contender's two beside each other. */
export function barsOf(results: BenchResults): readonly Bar[] {
  return results.contenders.flatMap(({ name, title, baseline }) =>
    MODES.map((mode) => {
      const ratio = throughputRatio(results, name, baseline, { connections: BUSY, mode });
      const isFinite = ratio !== undefined && Number.isFinite(ratio.min + ratio.max);
      const { min, median, max } = isFinite ? ratio : { min: null, median: null, max: null };
      const label = ratio === undefined ? NOT_MEASURED : times(ratio.median);
      return { contender: title, mode: NAMES[mode], label, min, median, max };
    }),
  );
}

/** Draws throughput relative to no idempotency as SVG that needs nothing from elsewhere. */
export async function renderPlot(results: BenchResults): Promise<string> {
  const view = new View(parse(compile(plotOf(barsOf(results))).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg}\n`;
}

/** Bars for medians, whiskers from least to most, and a line where idempotency costs nothing. */
function plotOf(bars: readonly Bar[]): TopLevelSpec {
  return {
    background: '#ffffff',
    padding: 16,
    width: 560,
    height: { step: 17 },
    title: {
      text: `Throughput relative to no idempotency, ${String(BUSY)} connections`,
      subtitle: 'Bars: median over rounds. Whiskers: least to most. Longer is better.',
      anchor: 'start',
      frame: 'bounds',
      offset: 12,
    },
    data: { values: [...bars] },
    encoding: {
      y: {
        field: 'contender',
        type: 'nominal',
        sort: null,
        title: null,
        // A title may say more after its first comma: that goes below.
        axis: {
          labelExpr: "split(datum.label, ', ')",
          labelLimit: 0,
          labelPadding: 8,
          ticks: false,
          domain: false,
        },
      },
      yOffset: { field: 'mode', type: 'nominal', sort: null },
    },
    layer: [
      {
        mark: 'bar',
        encoding: {
          x: {
            field: 'median',
            type: 'quantitative',
            title: null,
            axis: { labelExpr: "datum.label + 'x'" },
          },
          color: {
            field: 'mode',
            type: 'nominal',
            sort: null,
            scale: { range: COLORS },
            legend: { orient: 'top', title: null },
          },
        },
      },
      {
        transform: [{ filter: 'datum.max > datum.min' }],
        mark: { type: 'errorbar', ticks: true },
        encoding: { x: { field: 'min', type: 'quantitative' }, x2: { field: 'max' } },
      },
      {
        mark: { type: 'text', align: 'left', dx: 6 },
        encoding: {
          x: { field: 'end', type: 'quantitative' },
          text: { field: 'label' },
        },
        transform: [{ calculate: 'isValid(datum.max) ? datum.max : 0', as: 'end' }],
      },
      {
        mark: { type: 'rule', strokeWidth: 1.5 },
        encoding: { x: { datum: 1 }, y: null, yOffset: null },
      },
    ],
  } as TopLevelSpec;
}
