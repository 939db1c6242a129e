/** A value that could not be given back as it is. The message is for logs. */
export class UnfaithfulValueError extends Error {
  override readonly name: string = 'UnfaithfulValueError';
  /** What is wrong, as a predicate: `is larger than 1024 bytes`. */
  readonly problem: string;
  /** Where in the value, from the outside: names of properties, and indexes such as `[2]`. */
  readonly place: readonly string[];

  constructor(problem: string, place: readonly string[] = []) {
    // A result of instances makes one each time, and where the encoder stood then tells nobody anything.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(`The result ${problem}${place.length === 0 ? '' : ` at ${placeText(place)}`}.`);
    Error.stackTraceLimit = limit;
    this.problem = problem;
    this.place = place;
  }

  /** The same, seen from the object that has the value under `name`. */
  under(name: string): UnfaithfulValueError {
    return new UnfaithfulValueError(this.problem, [name, ...this.place]);
  }
}

/** A value that is more than plain data: writing it would lose something. */
export class NotPlainError extends UnfaithfulValueError {
  override readonly name = 'NotPlainError';
  /** What stands there, as in `a getter`. */
  readonly found: string;

  constructor(found: string, place: readonly string[] = []) {
    super(`contains ${found}`, place);
    this.found = found;
  }

  override under(name: string): NotPlainError {
    return new NotPlainError(this.found, [name, ...this.place]);
  }
}

/** A value that takes more bytes than there may be. */
export class TooLargeError extends UnfaithfulValueError {
  override readonly name = 'TooLargeError';

  override under(): this {
    return this;
  }
}

/** Bytes that are damaged, or that a newer version wrote. The message is for logs. */
export class UnreadableValueError extends Error {
  override readonly name = 'UnreadableValueError';
}

/** A place in a value as one reads it: `user.avatar`, `items[2].price`. */
export function placeText(place: readonly string[]): string {
  let text = '';
  for (const part of place) text += part.startsWith('[') || text === '' ? part : `.${part}`;
  return text;
}
