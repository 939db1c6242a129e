/** A value that could not be restored exactly. The message is for logs. */
export class UnfaithfulValueError extends Error {
  override readonly name: string = 'UnfaithfulValueError';
  /** The problem as a predicate: `is larger than 1024 bytes`. */
  readonly problem: string;
  /** The path in the value, from the outside: names of properties, and indexes such as `[2]`. */
  readonly place: readonly string[];

  constructor(problem: string, place: readonly string[] = []) {
    // A result with instances creates one each time, and the encoder's stack trace helps nobody.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(`The result ${problem}${place.length === 0 ? '' : ` at ${placeText(place)}`}.`);
    Error.stackTraceLimit = limit;
    this.problem = problem;
    this.place = place;
  }

  /** The same error for the object that has the value as `name`. */
  under(name: string): UnfaithfulValueError {
    return new UnfaithfulValueError(this.problem, [name, ...this.place]);
  }
}

/** A value that is more than plain data: writing it would lose something. */
export class NotPlainError extends UnfaithfulValueError {
  override readonly name = 'NotPlainError';
  /** The kind of the value, as in `a getter`. */
  readonly found: string;

  constructor(found: string, place: readonly string[] = []) {
    super(`contains ${found}`, place);
    this.found = found;
  }

  override under(name: string): NotPlainError {
    return new NotPlainError(this.found, [name, ...this.place]);
  }
}

/** A value that needs more bytes than allowed. */
export class TooLargeError extends UnfaithfulValueError {
  override readonly name = 'TooLargeError';

  override under(): this {
    return this;
  }
}

/** Bytes that are damaged or that another version wrote. The message is for logs. */
export class UnreadableValueError extends Error {
  override readonly name = 'UnreadableValueError';
}

/** A path in a value as text: `user.avatar`, `items[2].price`. */
export function placeText(place: readonly string[]): string {
  let text = '';
  for (const part of place) text += part.startsWith('[') || text === '' ? part : `.${part}`;
  return text;
}
