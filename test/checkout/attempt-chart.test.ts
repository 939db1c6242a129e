import { chartOf } from '../../src/checkout/attempts/attempt-chart.js';
import type { Attempt } from '../../src/checkout/attempts/attempt.js';

function attempt(sentAtMs: number, rest: Partial<Attempt> = {}): Attempt {
  const key = { id: sentAtMs, purchase: 'p', key: 'k', keyNumber: 0 };
  return { ...key, sentAtMs, state: 'executed', ...rest };
}

/** Where bars and waits begin and end, in percent of the width. */
function placesOf(...attempts: readonly Attempt[]): readonly unknown[] {
  const percent = (share: number): number => Math.round(share * 100);
  return chartOf(attempts).rows.map(({ bar, retry }) =>
    [bar, retry].flatMap((span) =>
      span === undefined ? [] : [[percent(span.start), percent(span.start + span.width)]],
    ),
  );
}

describe('the chart of attempts', () => {
  it('places a lost response, the wait after it and the replay on one axis', () => {
    expect(
      placesOf(
        attempt(1_000, { state: 'lost', tookMs: 500, retryInMs: 300 }),
        attempt(1_800, { state: 'replayed', tookMs: 200 }),
      ),
    ).toEqual([
      [
        [0, 50],
        [50, 80],
      ],
      [[80, 100]],
    ]);
  });

  it('draws requests that overlap one above the other', () => {
    expect(placesOf(attempt(0, { tookMs: 80 }), attempt(20, { tookMs: 80 }))).toEqual([
      [[0, 80]],
      [[20, 100]],
    ]);
  });

  it('draws a request in flight up to the right edge', () => {
    expect(placesOf(attempt(0, { state: 'sent' }), attempt(25, { tookMs: 75 }))).toEqual([
      [[0, 100]],
      [[25, 100]],
    ]);
  });

  it('cuts a long time in which nothing happened, and says where', () => {
    const hour = 3_600_000;
    const attempts = [
      attempt(0, { state: 'left', tookMs: 500 }),
      attempt(hour, { state: 'replayed', tookMs: 500 }),
    ];
    expect(placesOf(...attempts)).toEqual([[[0, 25]], [[75, 100]]]);
    expect(chartOf(attempts)).toMatchObject({ totalMs: 2_000, cuts: [0.75] });
  });

  it('leaves a wait before a retry as long as it was', () => {
    const attempts = [
      attempt(0, { state: 'rejected', tookMs: 0, retryInMs: 5_000 }),
      attempt(5_000, { tookMs: 5_000 }),
    ];
    expect(chartOf(attempts)).toMatchObject({ totalMs: 10_000, cuts: [] });
  });

  it('has a place for a single request that took no time', () => {
    expect(placesOf(attempt(7))).toEqual([[[0, 0]]]);
    expect(chartOf([attempt(7)]).totalMs).toBe(0);
  });
});
