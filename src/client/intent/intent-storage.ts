import { parseKey } from '../../core/record/key-syntax.js';

/** The storage in which intents survive a reload: the part of the Web Storage API that is used. */
export interface IntentStorage {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

/** An intent whose outcome is not known. */
export interface HeldIntent {
  readonly key: string;
  /** Of what is wanted. */
  readonly digest: string;
}

/** The intents that are held under one name of a storage. */
export interface StoredIntents {
  readonly read: () => readonly HeldIntent[];
  readonly write: (intents: readonly HeldIntent[]) => void;
}

/** Opens them. Without a storage, or if it does not work, nothing is stored. */
export function storedIntents(area: IntentStorage | undefined, name: string): StoredIntents {
  return {
    read: () => attempt(() => parseIntents(area?.getItem(name) ?? null)) ?? [],
    write(intents) {
      // If it is full, or forbidden by the browser, intents live as long as the page.
      attempt(() => {
        if (intents.length === 0) area?.removeItem(name);
        else area?.setItem(name, JSON.stringify(intents));
      });
    },
  };
}

/** Absent on a server; forbidden where the browser blocks all storage. */
export function sessionStorageOfPage(): IntentStorage | undefined {
  // Newer versions of Node have a sessionStorage, but one for all the pages that they render.
  if (!('document' in globalThis)) return undefined;
  return attempt(() => (globalThis as { sessionStorage?: IntentStorage }).sessionStorage);
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** Parses stored intents. Text of another version or another program holds none. */
function parseIntents(text: string | null): readonly HeldIntent[] {
  const parsed: unknown = JSON.parse(text ?? '[]');
  return Array.isArray(parsed) ? parsed.flatMap(parseIntent) : [];
}

function parseIntent(value: unknown): readonly HeldIntent[] {
  const { key, digest } = (value ?? {}) as Record<string, unknown>;
  const held = attempt(() => ({ key: parseKey(key), digest }));
  return held !== undefined && typeof held.digest === 'string'
    ? [{ key: held.key, digest: held.digest }]
    : [];
}
