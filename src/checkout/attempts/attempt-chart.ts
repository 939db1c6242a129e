import type { Attempt } from './attempt.js';

/** A stretch of time on the chart, in shares of its width: 0 is its left edge, 1 its right edge. */
export interface Span {
  readonly start: number;
  readonly width: number;
}

/** One attempt on the chart. */
export interface ChartRow {
  readonly attempt: Attempt;
  /** From when it was sent to its end. */
  readonly bar: Span;
  /** The wait before it is sent again. */
  readonly retry: Span | undefined;
}

/** The attempts of one purchase over time. */
export interface AttemptChart {
  readonly rows: readonly ChartRow[];
  /** The time that the whole width stands for. */
  readonly totalMs: number;
  /** The places where an idle time was left out, as shares of the width. */
  readonly cuts: readonly number[];
}

/** A longer time in which nothing happens is drawn as long as this. */
const IDLE_MS_MAX = 1_000;

interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Places attempts on one axis of time.
 *
 * @param attempts - of one purchase, the oldest first
 */
export function chartOf(attempts: readonly Attempt[]): AttemptChart {
  const lastMs = Math.max(...attempts.map((attempt) => retryMs(attempt) ?? endMs(attempt)));
  const sent = attempts.map((attempt): Interval => {
    // An attempt in flight reaches to the right edge.
    return { fromMs: attempt.sentAtMs, toMs: attempt.state === 'sent' ? lastMs : endMs(attempt) };
  });
  const waits = attempts.flatMap((attempt): Interval[] => {
    const toMs = retryMs(attempt);
    return toMs === undefined ? [] : [{ fromMs: endMs(attempt), toMs }];
  });
  const gaps = idleGaps([...sent, ...waits]);
  const firstMs = Math.min(...sent.map(({ fromMs }) => fromMs));
  const shownMs = (atMs: number): number => atMs - firstMs - leftOutMs(gaps, atMs);
  const totalMs = shownMs(lastMs);
  const share = (atMs: number): number => (totalMs === 0 ? 0 : shownMs(atMs) / totalMs);
  const spanOf = ({ fromMs, toMs }: Interval): Span => {
    return { start: share(fromMs), width: share(toMs) - share(fromMs) };
  };
  return {
    rows: attempts.map((attempt, index) => {
      const toMs = retryMs(attempt);
      return {
        attempt,
        bar: spanOf(sent[index] ?? { fromMs: attempt.sentAtMs, toMs: attempt.sentAtMs }),
        retry: toMs === undefined ? undefined : spanOf({ fromMs: endMs(attempt), toMs }),
      };
    }),
    totalMs,
    cuts: gaps.map(({ toMs }) => share(toMs)),
  };
}

function endMs({ sentAtMs, tookMs = 0 }: Attempt): number {
  return sentAtMs + tookMs;
}

function retryMs(attempt: Attempt): number | undefined {
  return attempt.retryInMs === undefined ? undefined : endMs(attempt) + attempt.retryInMs;
}

/** The times between these intervals that are too long to be drawn. */
function idleGaps(intervals: readonly Interval[]): Interval[] {
  const gaps: Interval[] = [];
  let busyToMs = Infinity;
  for (const { fromMs, toMs } of intervals.toSorted((one, other) => one.fromMs - other.fromMs)) {
    if (fromMs - busyToMs > IDLE_MS_MAX) gaps.push({ fromMs: busyToMs, toMs: fromMs });
    busyToMs = busyToMs === Infinity ? toMs : Math.max(busyToMs, toMs);
  }
  return gaps;
}

function leftOutMs(gaps: readonly Interval[], atMs: number): number {
  return gaps
    .filter(({ toMs }) => toMs <= atMs)
    .reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs - IDLE_MS_MAX, 0);
}
