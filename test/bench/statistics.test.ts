import { percentile, spreadOf } from '../../bench/statistics.js';

const TO_HUNDRED = Array.from({ length: 100 }, (_, index) => index + 1);

describe('a percentile', () => {
  test.each([
    [0, 1],
    [0.5, 50],
    [0.99, 99],
    [0.991, 100],
    [1, 100],
  ])('of part %p of 1 to 100 is %p: the nearest rank', (part, expected) => {
    expect(percentile(TO_HUNDRED, part)).toBe(expected);
  });

  test('of one value is that value', () => {
    expect([0, 0.5, 1].map((part) => percentile([7], part))).toEqual([7, 7, 7]);
  });

  test('of typed arrays is the same', () => {
    expect(percentile(Float64Array.from([1, 2, 3]), 0.5)).toBe(2);
  });

  test('of nothing is refused', () => {
    expect(() => percentile([], 0.5)).toThrow('There is no percentile of nothing.');
  });
});

describe('a spread', () => {
  test('is the value in the middle, the least and the most, in whatever order they came', () => {
    expect(spreadOf([10, 9, 100])).toEqual({ median: 10, min: 9, max: 100 });
  });

  test('of an even number of values has the mean of the two in the middle', () => {
    expect(spreadOf([4, 1, 2, 100])).toEqual({ median: 3, min: 1, max: 100 });
  });

  test('of one value is that value', () => {
    expect(spreadOf([5])).toEqual({ median: 5, min: 5, max: 5 });
  });

  test('leaves the values as they were', () => {
    const values = [3, 1, 2];
    spreadOf(values);
    expect(values).toEqual([3, 1, 2]);
  });
});
