let resolve: () => void = () => undefined;
let released = newRelease();

function newRelease(): Promise<void> {
  return new Promise((settle) => (resolve = settle));
}

/** Resolves when the server is next told to release what it holds. */
export function nextRelease(): Promise<void> {
  return released;
}

/** Releases what is held. */
export function release(): void {
  resolve();
  released = newRelease();
}
