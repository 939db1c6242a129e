/** Requests that have not been answered yet. */
export interface UnderWay {
  readonly count: number;
  /** Counts `answered` until it settles, and gives it back. */
  track<T>(answered: Promise<T>): Promise<T>;
  /** Resolves when none is left, also of those that come in meanwhile. */
  ended(): Promise<void>;
}

/** Creates an empty set of requests. */
export function createUnderWay(): UnderWay {
  const requests = new Set<Promise<unknown>>();
  return {
    get count() {
      return requests.size;
    },
    track(answered) {
      requests.add(answered);
      const done = (): void => void requests.delete(answered);
      answered.then(done, done);
      return answered;
    },
    async ended() {
      while (requests.size > 0) await Promise.allSettled(requests);
    },
  };
}
