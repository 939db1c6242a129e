/** The part of the Web Locks API that is used. */
interface LocksLike {
  request(
    name: string,
    options: { ifAvailable: boolean },
    act: (lock: unknown) => Promise<void>,
  ): Promise<void>;
}

/**
 * Acts unless another tab is acting under this name, where there are Web Locks.
 *
 * @returns whether it acted
 */
export async function inOneTab(name: string, act: () => Promise<void>): Promise<boolean> {
  const { navigator } = globalThis as { readonly navigator?: { readonly locks?: LocksLike } };
  if (navigator?.locks === undefined) {
    await act();
    return true;
  }
  let hasLock = false;
  await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    hasLock = lock !== null;
    if (hasLock) await act();
  });
  return hasLock;
}
