const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const;

/** A duration as people say it: `1.5 s`, `3 min`, `2 h`. */
export function duration(ms: number): string {
  for (const [unitMs, unit] of UNITS) {
    if (ms >= unitMs) return `${String(Math.round((ms / unitMs) * 10) / 10)} ${unit}`;
  }
  return `${String(Math.round(ms))} ms`;
}

/** A number of bytes as people say it. */
export function bytes(count: number): string {
  if (count < 1_024) return `${String(count)} bytes`;
  if (count < 1_048_576) return `${String(Math.round((count / 1_024) * 10) / 10)} KiB`;
  return `${String(Math.round((count / 1_048_576) * 10) / 10)} MiB`;
}

/** A time in ISO 8601, or what it says of itself where no calendar has it. */
export function isoTime(atMs: number): string {
  const at = new Date(atMs);
  return Number.isNaN(at.getTime()) ? `${String(atMs)} ms` : at.toISOString();
}

/** A moment, in ISO 8601, and how far it is from now. */
export function moment(atMs: number, nowMs: number): string {
  const at = isoTime(atMs);
  return atMs > nowMs
    ? `${at} (in ${duration(atMs - nowMs)})`
    : `${at} (${duration(nowMs - atMs)} ago)`;
}
