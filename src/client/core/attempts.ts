import { notify } from './notify.js';
import type { ClientSettings } from './settings.js';

/** The reason for sending a request again. */
export interface RetryCause {
  /** The code with which the server refused it. Undefined if no answer came. */
  readonly code?: string | undefined;
  /** When a retry makes sense, in milliseconds from now, if the server says so. */
  readonly retryAfterMs?: number | undefined;
}

/** No answer came: the request, or what it was answered, was lost. */
const LOST: RetryCause = Object.freeze({});

/** The reason for sending again after an error; undefined if the caller has aborted the request. */
export function causeOfError(error: unknown): RetryCause | undefined {
  const { name } = (error ?? {}) as { readonly name?: unknown };
  return name === 'AbortError' ? undefined : LOST;
}

/** A mutation as it is sent. */
export interface AttemptedMutation {
  readonly operationName: string | undefined;
  readonly key: string;
  /** Whether it may be sent again: everything it does has a key. */
  readonly repeatable: boolean;
  /** The server's retention of its outcome, in seconds: a later attempt would run it again. */
  readonly ttlSeconds: number;
}

/** A retry that is due. */
export interface DueRetry {
  /** When, in milliseconds from now. */
  readonly afterMs: number;
  /** Tells the listener of it. */
  readonly announce: () => void;
}

type AttemptSettings = Pick<
  ClientSettings,
  'attemptsMax' | 'retryForMs' | 'onRetry' | 'clock' | 'random'
>;

/** The delays if the server names none. */
const BACKOFF_MS = { first: 250, most: 10_000 } as const;
const JITTER = 0.25;

/** Counts how often one request was sent, and says whether and when it is sent again. */
export class Attempts {
  readonly #mutation: AttemptedMutation;
  readonly #settings: AttemptSettings;
  readonly #giveUpAt: number;
  readonly #forgottenAtMs: number;
  #made = 1;

  /** Begins with the first attempt. */
  constructor(mutation: AttemptedMutation, settings: AttemptSettings) {
    this.#mutation = mutation;
    this.#settings = settings;
    this.#giveUpAt = settings.clock.now() + settings.retryForMs;
    // By the time of day: while a device sleeps, the other clock may stand still.
    this.#forgottenAtMs = settings.clock.wallMs() + mutation.ttlSeconds * 1_000;
  }

  /** The next attempt; undefined if the bounds of the settings allow none. */
  next(cause: RetryCause): DueRetry | undefined {
    const { attemptsMax, clock, onRetry } = this.#settings;
    const { operationName, key, repeatable } = this.#mutation;
    const attempt = this.#made;
    if (!repeatable || attempt >= attemptsMax) return undefined;
    const afterMs = this.#delayMs(cause);
    if (clock.now() + afterMs > this.#giveUpAt) return undefined;
    if (clock.wallMs() + afterMs >= this.#forgottenAtMs) return undefined;
    this.#made += 1;
    return {
      afterMs,
      announce: () => {
        notify(onRetry, { operationName, key, code: cause.code, attempt, afterMs });
      },
    };
  }

  /** Never earlier than the server says. */
  #delayMs({ retryAfterMs }: RetryCause): number {
    const backoffMs = Math.min(BACKOFF_MS.first * 2 ** (this.#made - 1), BACKOFF_MS.most);
    return Math.ceil((retryAfterMs ?? backoffMs) * (1 + this.#jitter() * JITTER));
  }

  /** A random number from the source of randomness, if it is in its range. */
  #jitter(): number {
    try {
      const value = this.#settings.random();
      return value >= 0 && value < 1 ? value : 0;
    } catch {
      return 0;
    }
  }
}
