import { isReplay } from '../core/reports.js';
import { endsIntent, type ShownAnswer } from './ends-intent.js';
import type { Intents } from './intents.js';

/** The state of a component's intents, to show. */
export interface IntentState {
  /** Whether there is an intent whose outcome is not known: one in flight, or one that failed. */
  readonly unsettled: boolean;
  /** Whether the latest answer was a replay: it had happened before. */
  readonly replayed: boolean;
}

/** Before the first call, and on a server. */
export const NO_INTENTS: IntentState = Object.freeze({ unsettled: false, replayed: false });

/** Ways to end intents without a call. */
export interface IntentControls {
  /**
   * Learns an answer that came another way, such as from an `OfflineQueue`, when the component shows
   * it. It ends the intent with this key if the record holds what the answer shows.
   *
   * @returns whether there was such an intent, and it is over
   */
  readonly settle: (key: string, answer: ShownAnswer) => boolean;
  /**
   * Forgets every intent: the next call is a new one, with a new key.
   *
   * @returns the keys of those whose outcome is not known
   */
  readonly startOver: () => readonly string[];
}

/** One call for an intent. */
export interface IntentCall {
  readonly key: string;
  /**
   * Notes that the component has got the answer, before callbacks that may leave the page. Without
   * it, {@link IntentCall.settle} is that moment.
   */
  readonly witness: () => void;
  /**
   * Learns the answer, as the caller is shown it. It ends the intent if the record holds what it
   * shows, the component is there to show it, and no later call has taken its place on the screen.
   *
   * @param rootKeys - the response keys of all that the operation may select at its root, if the
   *   report may not name each of them
   * @returns whether the intent is over
   */
  readonly settle: (answer: ShownAnswer, rootKeys?: Iterable<string>) => boolean;
}

/** The calls of one component for its intents, and what it has shown of their answers. */
export class IntentSession {
  readonly #intents: Intents;
  readonly #withoutReport: boolean;
  readonly #listeners = new Set<() => void>();
  #latest: object | undefined;
  #isShown = true;
  #replayed = false;
  #state = NO_INTENTS;

  /** @param withoutReport - whether a complete answer without a report ends an intent */
  constructor(intents: Intents, withoutReport = false) {
    this.#intents = intents;
    this.#withoutReport = withoutReport;
  }

  /** The state to show. The same object until something in it changes. */
  readonly state = (): IntentState => {
    const state = { unsettled: this.#intents.isUnsettled, replayed: this.#replayed };
    const { unsettled, replayed } = this.#state;
    if (state.unsettled !== unsettled || state.replayed !== replayed) this.#state = state;
    return this.#state;
  };

  /** Calls `listener` after each change. Returns what ends that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /**
   * Says that the component is on the screen, as it is taken to be at first. Returns what says that
   * it has left it.
   */
  readonly show = (): (() => void) => {
    this.#isShown = true;
    return () => {
      this.#isShown = false;
    };
  };

  /**
   * Forgets every intent: the next call is a new one, with a new key.
   *
   * @returns the keys of those whose outcome is not known
   */
  readonly startOver = (): readonly string[] => {
    const keys = this.#intents.forget();
    this.dismiss();
    return keys;
  };

  /**
   * Learns an answer that came another way than to a call, when the component shows it.
   *
   * @param rootKeys - as for {@link IntentCall.settle}
   * @returns whether there was an intent with this key, and it is over
   */
  readonly settle = (key: string, answer: ShownAnswer, rootKeys?: Iterable<string>): boolean => {
    const held = this.#intents.find(key);
    if (held === undefined || !this.#isShown || !this.#ends(answer, rootKeys)) return false;
    this.#intents.settle(held);
    this.#change();
    return true;
  };

  /** Says that the component no longer shows any answer: one that is still to come is not seen. */
  readonly dismiss = (): void => {
    this.#latest = undefined;
    this.#replayed = false;
    this.#change();
  };

  /**
   * Begins a call: for the intent in flight with this operation and these variables, or for a new
   * one.
   *
   * @throws Error if too many intents are unsettled
   */
  begin(operationName: string, variables: unknown): IntentCall {
    const held = this.#intents.hold(operationName, variables);
    let wasShown: boolean | undefined;
    const call = {
      key: held.key,
      witness: () => {
        wasShown = this.#isShown;
      },
      settle: (answer: ShownAnswer, rootKeys?: Iterable<string>) => {
        if (this.#latest !== call) return false;
        const isOver = (wasShown ?? this.#isShown) && this.#ends(answer, rootKeys);
        if (isOver) this.#intents.settle(held);
        this.#replayed = isReplay(answer);
        this.#change();
        return isOver;
      },
    };
    this.#latest = call;
    this.#replayed = false;
    this.#change();
    return call;
  }

  #ends(answer: ShownAnswer, rootKeys: Iterable<string> | undefined): boolean {
    return endsIntent(answer, { rootKeys, withoutReport: this.#withoutReport });
  }

  #change(): void {
    for (const listener of this.#listeners) listener();
  }
}
