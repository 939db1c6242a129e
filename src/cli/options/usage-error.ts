/** Something in the command line is wrong. Nothing has been changed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
