import { canonicalStringify } from '@apollo/client/utilities';
import type { Clock } from '../core/clock.js';
import { parseKey } from '../core/key-syntax.js';

/** Where an intent survives a reload: the part of the Web Storage API that is used. */
export interface IntentStorage {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

/** What an intent is made of. */
export interface IntentOptions {
  /** What is wanted: the operation's name. The same variables of another one are another intent. */
  readonly operationName: string;
  readonly generateKey: () => string;
  readonly clock: Clock;
  /** How long after an outcome the same call still belongs to it, in milliseconds. */
  readonly doubleClickMs: number;
  /** Where it is kept, and under which name; nowhere: in memory. */
  readonly storage?: { readonly area: IntentStorage; readonly name: string } | undefined;
}

/** One call for an intent. */
export interface IntentCall {
  readonly key: string;
  /**
   * Its answer has come, and is an outcome or is none. Only the latest call of an intent decides: its
   * answer is what is seen.
   */
  readonly end: (outcome: 'known' | 'unknown') => void;
}

/**
 * What a person wants to happen once, with its key.
 *
 * Invariant: calls with equal variables get one key until the latest of them has an outcome, and for
 * `doubleClickMs` after that.
 */
export interface Intent {
  /** Begins a call: for the intent under way if the variables are its own, else for a new one. */
  begin(variables: unknown): IntentCall;
  /** Forgets the intent: the next call is a new one. */
  readonly startOver: () => void;
  /** Whether there is an intent whose outcome is not known. */
  readonly isUnsettled: () => boolean;
  /** Calls `listener` after each change. Returns what ends that. */
  readonly subscribe: (listener: () => void) => () => void;
}

interface Held {
  readonly key: string;
  readonly digest: string;
}

/** Creates one, or goes on with the one in the storage. */
export function createIntent(options: IntentOptions): Intent {
  const { clock } = options;
  const listeners = new Set<() => void>();
  const slot = createSlot(options.storage);
  let settled: (Held & { readonly atMs: number }) | undefined;
  let latest: object | undefined;

  function hold(held: Held | undefined): void {
    slot.write(held);
    for (const listener of listeners) listener();
  }

  function heldFor(digest: string): Held {
    const held = slot.read();
    if (held?.digest === digest) return held;
    const isRecent = settled !== undefined && clock.now() - settled.atMs < options.doubleClickMs;
    return isRecent && settled?.digest === digest
      ? { key: settled.key, digest }
      : { key: parseKey(options.generateKey()), digest };
  }

  return {
    begin(variables) {
      const held = heldFor(digestOf(`${options.operationName} ${canonicalStringify(variables)}`));
      const call = {
        key: held.key,
        end(outcome: 'known' | 'unknown') {
          const current = slot.read();
          if (latest !== call || (current !== undefined && current.key !== held.key)) return;
          if (outcome === 'known') settled = { ...held, atMs: clock.now() };
          // If another component has ended it meanwhile, this one still has to try again.
          hold(outcome === 'known' ? undefined : held);
        },
      };
      latest = call;
      // Before anything is sent: a reload from here on finds it.
      hold(held);
      return call;
    },
    startOver() {
      settled = undefined;
      latest = undefined;
      hold(undefined);
    },
    isUnsettled: () => slot.read() !== undefined,
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

/** Holds at most one intent, in the storage if there is one that works, else in memory. */
function createSlot(storage: IntentOptions['storage']): {
  read(): Held | undefined;
  write(held: Held | undefined): void;
} {
  let memory: Held | undefined;
  let isStored = storage !== undefined;
  return {
    read() {
      if (!isStored || storage === undefined) return memory;
      try {
        return parseHeld(storage.area.getItem(storage.name));
      } catch {
        return memory;
      }
    },
    write(held) {
      memory = held;
      if (storage === undefined) return;
      try {
        if (held === undefined) storage.area.removeItem(storage.name);
        else storage.area.setItem(storage.name, JSON.stringify(held));
        isStored = true;
      } catch {
        // Full, or forbidden by the browser: the intent then lives as long as the page.
        isStored = false;
      }
    },
  };
}

/** What another version, or another program, has left there is no intent. */
function parseHeld(text: string | null): Held | undefined {
  if (text === null) return undefined;
  try {
    const { key, digest } = JSON.parse(text) as Record<string, unknown>;
    return typeof digest === 'string' ? { key: parseKey(key), digest } : undefined;
  } catch {
    return undefined;
  }
}

const FNV = { offsets: [0x811c9dc5, 0x050c5d1f], prime: 0x01000193 } as const;

/**
 * Tells requests apart without storing what they say: two 32-bit FNV-1a digests. If two collide, the
 * server refuses the second for its other arguments.
 */
function digestOf(text: string): string {
  return FNV.offsets
    .map((offset) => {
      let hash: number = offset;
      for (let index = 0; index < text.length; index += 1) {
        hash = Math.imul(hash ^ text.charCodeAt(index), FNV.prime);
      }
      return (hash >>> 0).toString(16).padStart(8, '0');
    })
    .join('');
}
