/** The number of occurrences of each of several things in a run. */
export class Occurrences {
  readonly #counts = new Map<string, number>();

  /** Takes note of one occurrence. */
  note(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  /** Which of these never occurred. */
  missing(expected: readonly string[]): string[] {
    return expected.filter((what) => !this.#counts.has(what));
  }

  /** The counts by name, in the order of the names. */
  counts(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
