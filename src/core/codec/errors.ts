/** A value that could not be given back as it is. The message is for logs. */
export class UnfaithfulValueError extends Error {
  override readonly name = 'UnfaithfulValueError';
}

/** Bytes that are damaged, or that a newer version wrote. The message is for logs. */
export class UnreadableValueError extends Error {
  override readonly name = 'UnreadableValueError';
}
