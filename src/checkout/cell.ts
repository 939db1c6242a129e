import { useSyncExternalStore } from 'react';

/** A value that changes outside of React, too, and tells who looks at it. */
export interface Cell<T> {
  readonly get: () => T;
  readonly set: (value: T) => void;
  /** Calls `listener` after each change. Returns what ends that. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** Creates one. */
export function createCell<T>(value: T): Cell<T> {
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
export function useCell<T>(cell: Cell<T>): T {
  return useSyncExternalStore(cell.subscribe, cell.get);
}
