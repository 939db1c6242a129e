/** Headers of a request: of the Fetch API, of Node, or a plain object of them. */
export type RequestHeaders =
  | {
      /** The value of a header, whatever its case. */
      get(name: string): string | null;
    }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Reads headers by name, whatever their case; several of one name are a list, as HTTP has it. */
export function headerReader(
  headers: RequestHeaders | undefined,
): (name: string) => string | null | undefined {
  if (headers === undefined) return () => undefined;
  if (hasGet(headers)) return (name) => headers.get(name);
  return (name) => {
    // One name may come in two spellings: both count, so that two keys are never taken for one.
    const found = Object.keys(headers)
      .filter((given) => given.toLowerCase() === name)
      .flatMap((given) => headers[given] ?? []);
    return found.length > 0 ? found.join(', ') : undefined;
  };
}

function hasGet(headers: RequestHeaders): headers is { get(name: string): string | null } {
  return typeof headers['get'] === 'function';
}
