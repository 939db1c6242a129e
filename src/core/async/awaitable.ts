/**
 * A value, or a promise of one. Libraries for SQLite answer at once, and what runs in one transaction
 * of theirs must not wait for anything: whoever ran meanwhile would be in it too.
 */
export type Awaitable<T> = T | Promise<T>;

/** Whether a value must be awaited. */
export function isPromise<T>(value: Awaitable<T>): value is Promise<T>;
export function isPromise(value: unknown): value is PromiseLike<unknown>;
export function isPromise(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}

/** Goes on with a value: at once if it is there, so that nothing else can run in between. */
export function andThen<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return isPromise(value) ? value.then(next) : next(value);
}

/** Runs `last` when an action has ended, however it ended: at once if the action did. */
export function andFinally<T>(
  act: () => Awaitable<T>,
  last: () => Awaitable<unknown>,
): Awaitable<T> {
  let result: Awaitable<T>;
  try {
    result = act();
  } catch (error) {
    return andThen(last(), () => {
      throw error;
    });
  }
  if (isPromise(result)) {
    return result.finally(last);
  }
  const value = result;
  return andThen(last(), () => value);
}
