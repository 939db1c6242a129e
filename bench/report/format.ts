import type { Row } from '../results.js';
import type { Spread } from '../statistics.js';

/** What stands where there is no figure. */
export const NOT_MEASURED = 'not measured';

/** What stands where others are compared with this one. */
export const COMPARED_WITH = '-';

/** Writes a figure down; `more` is how many digits to show beyond the usual ones. */
export type Show = (value: number, more?: number) => string;

/** 12 345, as people write it. */
export const count: Show = (value, more = 0) => {
  const [whole = '', part] = value.toFixed(more).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ' ');
  return part === undefined ? grouped : `${grouped}.${part}`;
};

/** A figure that is often a small whole number, such as commands per request. */
export const few: Show = (value, more = 0) => {
  if (Number.isInteger(value)) return count(value);
  // One in a thousand is not none.
  const leading = Math.ceil(-Math.log10(Math.abs(value)));
  return count(value, Math.min(9, Math.max(2, leading) + more));
};

/** How many times as much: 1.07x. */
export const times: Show = (value, more = 0) =>
  Number.isFinite(value) ? `${value.toFixed(2 + more)}x` : 'no ratio';

/** A part of a whole in percent. */
export const share: Show = (value, more = 0) => `${(100 * value).toFixed(1 + more)} %`;

/** A duration that is given in microseconds, in the unit that suits it. */
export const microseconds: Show = (value, more = 0) => {
  const us = Math.abs(value);
  if (us < 999.5) return `${value.toFixed(digits(us) + more)} µs`;
  if (us < 999_500) return `${(value / 1e3).toFixed(digits(us / 1e3) + more)} ms`;
  return `${(value / 1e6).toFixed(2 + more)} s`;
};

/** A duration that is given in milliseconds, in the unit that suits it. */
export const milliseconds: Show = (value, more) => microseconds(value * 1e3, more);

/** Three digits in all. */
function digits(value: number): number {
  if (value < 9.995) return 2;
  return value < 99.95 ? 1 : 0;
}

/** The median, and from where to where it went. */
export function spread(figure: Spread | undefined, show: Show): string {
  if (figure === undefined) return NOT_MEASURED;
  return `${medianOf(figure, show)} ${range(figure, show)}`;
}

/** The median alone. */
export function medianOf(figure: Spread | undefined, show: Show): string {
  return figure === undefined ? NOT_MEASURED : show(figure.median);
}

/** From the least to the most. */
export function range({ min, max }: Spread, show: Show): string {
  return `(${show(min)} to ${show(max)})`;
}

const MODES = {
  first: 'first execution',
  replay: 'replay',
  mix: 'mix (one replay in ten)',
};

/** 1 minute, 2 minutes. */
export function numberOf(value: number, what: string): string {
  return `${count(value)} ${what}${count(value) === '1' ? '' : 's'}`;
}

/** A row of the matrix, in words. */
export function rowName({ connections, mode }: Row): string {
  return `${numberOf(connections, 'connection')}, ${MODES[mode]}`;
}
