/** The ends of a range, both of them in it. */
export interface WholeNumberRange {
  readonly min: number;
  readonly max: number;
}

/** Whether a value is a whole number within a range. */
export function isWholeNumber(value: unknown, { min, max }: WholeNumberRange): value is number {
  return Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;
}

/** The rule for a value out of range, as in `waitMs must be a whole number from 0 to 10`. */
export function wholeNumberRule(name: string, { min, max }: WholeNumberRange): string {
  return `${name} must be a whole number from ${String(min)} to ${String(max)}`;
}
