import type { Clock } from '../../core/async/clock.js';
import { madeKey } from '../core/generate-key.js';
import { canonicalJson } from './canonical-json.js';
import { digestOf } from './digest.js';
import type { HeldIntent, StoredIntents } from './intent-storage.js';

/** Options of {@link Intents}. */
export interface IntentsOptions {
  /** Makes a new key. */
  readonly generateKey: () => string;
  readonly clock: Clock;
  /** The time after an outcome for which the same call still belongs to it, in milliseconds. */
  readonly doubleClickMs: number;
  /** The intents that survive a reload. */
  readonly stored: StoredIntents;
}

/** An intent whose outcome is known. */
interface SettledIntent extends HeldIntent {
  readonly atMs: number;
}

/** The largest number of intents of each kind in one place. */
export const INTENTS_MAX = 16;

/**
 * The intents of a person at one place of an application, each with its keys.
 *
 * Invariant: calls with equal variables get one key until the intent is settled, and for
 * `doubleClickMs` after that, whatever else is wanted meanwhile.
 */
export class Intents {
  readonly #options: IntentsOptions;
  /**
   * The intents that began here or were found at the start; another component may have settled one
   * since.
   */
  #held: readonly HeldIntent[];
  #settled: readonly SettledIntent[] = [];

  /** Goes on with what is stored. */
  constructor(options: IntentsOptions) {
    this.#options = options;
    this.#held = options.stored.read();
  }

  /** Whether there is an intent whose outcome is not known. */
  get isUnsettled(): boolean {
    return this.#all().length > 0;
  }

  /**
   * The intent of an operation with these variables: the one in flight, or a new one.
   *
   * @throws Error if too many intents are unsettled. None is given up for another: its next call
   *   would have a new key
   */
  hold(operationName: string, variables: unknown): HeldIntent {
    const { generateKey, stored } = this.#options;
    const digest = digestOf(`${operationName} ${canonicalJson(variables)}`);
    const known = this.#all().find((one) => one.digest === digest);
    if (known === undefined && this.#all().length >= INTENTS_MAX) throw tooMany();
    const held = known ??
      this.#recent().find((one) => one.digest === digest) ?? {
        key: madeKey(generateKey),
        digest,
      };
    this.#held = [...without(this.#held, held), { key: held.key, digest }];
    // Before anything is sent: a reload from here on finds it.
    stored.write([...without(stored.read(), held), { key: held.key, digest }]);
    return held;
  }

  /** The intent with this key whose outcome is not known, if there is one. */
  find(key: string): HeldIntent | undefined {
    return this.#all().find((one) => one.key === key);
  }

  /** Notes that the outcome of an intent is known. */
  settle(held: HeldIntent): void {
    const { clock, stored } = this.#options;
    const settled = { ...held, atMs: clock.now() };
    this.#settled = [...without(this.#recent(), held), settled].slice(-INTENTS_MAX);
    this.#held = without(this.#held, held);
    stored.write(without(stored.read(), held));
  }

  /**
   * Forgets all of them: whatever is wanted next is new.
   *
   * @returns the keys of those whose outcome is not known
   */
  forget(): readonly string[] {
    const keys = this.#all().map(({ key }) => key);
    this.#held = [];
    this.#settled = [];
    this.#options.stored.write([]);
    return keys;
  }

  #all(): readonly HeldIntent[] {
    const here = new Set(this.#held.map(({ key }) => key));
    return [...this.#held, ...this.#options.stored.read().filter(({ key }) => !here.has(key))];
  }

  #recent(): readonly SettledIntent[] {
    const since = this.#options.clock.now() - this.#options.doubleClickMs;
    return this.#settled.filter(({ atMs }) => atMs > since);
  }
}

function without<T extends HeldIntent>(intents: readonly T[], { key }: HeldIntent): readonly T[] {
  return intents.filter((one) => one.key !== key);
}

function tooMany(): Error {
  return new Error(
    `The outcomes of ${String(INTENTS_MAX)} intents are not known. Try one of them again, or forget ` +
      'them with startOver().',
  );
}
