/** Where ratios stand on the horizontal axis. */
export interface Scale {
  /** What has a line and a label of its own, from 0 to beyond the largest value. */
  readonly ticks: readonly number[];
  /** The horizontal position of a value. */
  at(value: number): number;
}

const STEPS = [0.25, 0.5, 1, 2, 5, 10, 20, 50, 100];
const TICKS_MAX = 8;

/** A scale from 0 that holds all values and 1. */
export function scaleOf(values: readonly number[], left: number, width: number): Scale {
  const most = Math.max(1, ...values);
  const step = STEPS.find((one) => most / one <= TICKS_MAX) ?? most / TICKS_MAX;
  const count = Math.max(Math.ceil(most / step), Math.ceil(1 / step) + 1);
  const end = count * step;
  return {
    ticks: Array.from({ length: count + 1 }, (_, index) => index * step),
    at: (value) => left + (value / end) * width,
  };
}
