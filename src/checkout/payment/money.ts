const EUROS = /^(\d{1,7})(?:[.,](\d{1,2}))?$/;
const FORMAT = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' });

/** Reads euros such as `12.50` as cents; undefined unless it is an amount above 0. */
export function parseEuros(text: string): number | undefined {
  const [, whole, fraction = ''] = EUROS.exec(text.trim()) ?? [];
  if (whole === undefined) return undefined;
  const cents = Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
  return cents > 0 ? cents : undefined;
}

/** Cents as people write them: €12.50. */
export function formatEuros(cents: number): string {
  return FORMAT.format(cents / 100);
}
