/** A promise with the functions that settle it. */
export class Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T | PromiseLike<T>) => void;
  readonly reject: (error: unknown) => void;

  constructor() {
    let resolve: (value: T | PromiseLike<T>) => void = () => undefined;
    let reject: (error: unknown) => void = () => undefined;
    this.promise = new Promise((resolved, rejected) => {
      resolve = resolved;
      reject = rejected;
    });
    this.resolve = resolve;
    this.reject = reject;
  }
}
