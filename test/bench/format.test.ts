import { count, few, microseconds, milliseconds, share, times } from '../../bench/report/format.js';

test.each([
  [0, '0'],
  [999.4, '999'],
  [1_234.6, '1 235'],
  [12_345_678, '12 345 678'],
])('%p is counted as "%s"', (value, text) => {
  expect(count(value)).toBe(text);
});

test('digits behind the point are not grouped', () => {
  expect(count(1_234.56789, 4)).toBe('1 234.5679');
});

test('a figure that is no whole number shows that it is none', () => {
  expect([few(2), few(1.9), few(0.004)]).toEqual(['2', '1.90', '0.004']);
});

test.each([
  [1.234, '1.23 µs'],
  [12.34, '12.3 µs'],
  [99.97, '100 µs'],
  [999.6, '1.00 ms'],
  [1_234, '1.23 ms'],
  [123_400, '123 ms'],
  [999_600, '1.00 s'],
  [-12.34, '-12.3 µs'],
])('%p microseconds are "%s"', (value, text) => {
  expect(microseconds(value)).toBe(text);
});

test('milliseconds are written in the unit that suits them', () => {
  expect([milliseconds(3.5), milliseconds(0.25)]).toEqual(['3.50 ms', '250 µs']);
});

test('ratios and shares have their unit', () => {
  expect([times(1.006), share(0.3333)]).toEqual(['1.01x', '33.3 %']);
});

test('what is no ratio is not written as one', () => {
  expect([times(NaN), times(Infinity)]).toEqual(['no ratio', 'no ratio']);
});
