import { canonicalStringify } from '@apollo/client/utilities';
import type { Clock } from '../core/clock.js';
import { parseKey } from '../core/record/key-syntax.js';

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
  /** Its answer is an outcome. Only the latest call of an intent ends it: its answer is what is seen. */
  readonly settle: () => void;
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

  function tell(): void {
    for (const listener of listeners) listener();
  }

  function heldFor(digest: string): Held {
    const held = slot.all().find((one) => one.digest === digest);
    if (held !== undefined) return held;
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
        settle() {
          if (latest !== call) return;
          settled = { ...held, atMs: clock.now() };
          slot.empty(held.key);
          tell();
        },
      };
      latest = call;
      // Before anything is sent: a reload from here on finds it.
      slot.hold(held);
      tell();
      return call;
    },
    startOver() {
      settled = undefined;
      latest = undefined;
      slot.empty();
      tell();
    },
    isUnsettled: () => slot.all().length > 0,
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

/** Where the intent under way is held. */
interface Slot {
  /** What this component began itself or found, though another one may have ended it; what is stored. */
  readonly all: () => readonly Held[];
  readonly hold: (held: Held) => void;
  /** Forgets the intent with this key; without one, whatever is held. */
  readonly empty: (key?: string) => void;
}

/** Holds in memory, and in the storage as far as there is one that works. */
function createSlot(storage: IntentOptions['storage']): Slot {
  function stored(): Held | undefined {
    return attempt(() => parseHeld(storage?.area.getItem(storage.name) ?? null));
  }

  function store(held: Held | undefined): void {
    // If it is full, or forbidden by the browser, the intent lives as long as the page.
    attempt(() => {
      storage?.area.removeItem(storage.name);
      if (held !== undefined) storage?.area.setItem(storage.name, JSON.stringify(held));
    });
  }

  let own = stored();
  return {
    all: () => [own, stored()].filter((held) => held !== undefined),
    hold(held) {
      own = held;
      store(held);
    },
    empty(key) {
      if (key === undefined || own?.key === key) own = undefined;
      if (key === undefined || stored()?.key === key) store(undefined);
    },
  };
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
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
