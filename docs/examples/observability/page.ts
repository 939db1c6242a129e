/** Wakes somebody up. */
export function page(operation: string): void {
  process.stderr.write(`A claim of ${operation} was lost.\n`);
}
