import { useSyncExternalStore } from 'react';

/** A value that changes outside of React, too, and tells who looks at it. */
export interface Atom<T> {
  readonly get: () => T;
  readonly set: (value: T) => void;
  /** Calls `listener` after each change. Returns what ends that. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** Creates one. */
export function createAtom<T>(value: T): Atom<T> {
  let current = value;
  const listeners = new Set<() => void>();
  return {
    get: () => current,
    set(next) {
      current = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

/** Its value, in a component. */
export function useAtom<T>(atom: Atom<T>): T {
  return useSyncExternalStore(atom.subscribe, atom.get);
}
