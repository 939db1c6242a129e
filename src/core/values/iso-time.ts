/** The latest second that was written, and its date and time up to the milliseconds. */
let known = { second: NaN, text: '' };

/**
 * A time as `Date.prototype.toISOString` writes it. Times of one second share most of their text, so
 * under load only the milliseconds are new.
 *
 * @param ms - milliseconds since the Unix epoch, 0 or more
 */
export function isoTime(ms: number): string {
  const whole = Math.trunc(ms);
  const milliseconds = whole % 1_000;
  const second = whole - milliseconds;
  if (second !== known.second)
    known = { second, text: new Date(second).toISOString().slice(0, -4) };
  return `${known.text}${String(milliseconds).padStart(3, '0')}Z`;
}
