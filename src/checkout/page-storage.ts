/** The page's memory over a reload, as JSON in `sessionStorage`, under one name. */
export interface PageStorage<T> {
  /** Reads the stored value, if it has the right form. */
  readonly read: () => T | undefined;
  readonly write: (value: T) => void;
}

/**
 * Opens one.
 *
 * @param parse - makes a value of what JSON gave, or undefined if it is none
 */
export function openStorage<T>(
  name: string,
  parse: (json: unknown) => T | undefined,
): PageStorage<T> {
  return {
    read() {
      try {
        return parse(JSON.parse(sessionStorage.getItem(name) ?? 'null'));
      } catch {
        return undefined;
      }
    },
    write(value) {
      try {
        sessionStorage.setItem(name, JSON.stringify(value));
      } catch {
        // Full, or forbidden by the browser: the page then forgets with a reload.
      }
    },
  };
}
