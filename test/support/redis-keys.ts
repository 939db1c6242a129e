/** The name that stores of tests have, unless there is more than one service. */
export const SERVICE = 'tests';

/** The start of their keys and of their channel. */
export const PREFIX = `idempotency:${SERVICE}:`;

/** The key of a record. */
export function keyOf({ recordId }: { readonly recordId: string }): string {
  return PREFIX + recordId;
}
