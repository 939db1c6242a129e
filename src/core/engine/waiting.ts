import type { Clock } from '../clock.js';
import type { IdempotencyError } from '../errors.js';
import { withTimeout } from '../timeout.js';
import type { StoredOutcome } from '../record/record.js';
import type { IdempotencyStore, PeekReply, PeekRequest } from '../record/store.js';

/** How a flight ended, for those who joined it. */
export type Landing =
  /** `waited`: it ended during the flight; else it had ended before. */
  | { readonly kind: 'completed'; readonly outcome: StoredOutcome; readonly waited: boolean }
  /** The store is away, or would say the same again. An error of its own for each. */
  | { readonly kind: 'refused'; readonly refusal: () => IdempotencyError }
  /** Nothing was learned that holds for anyone else: ask again. */
  | { readonly kind: 'vacant' };

/** The one request of this process that is asking, running or waiting for a record. */
export interface Flight {
  /** The record has an owner: from now on those who join wait only for as long as they want to. */
  runs(): void;
  /** Ends the flight and tells everyone who joined it. Later calls are ignored. */
  land(landing: Landing): void;
}

/**
 * Requests of one process for one record and fingerprint that are on their way.
 *
 * Invariant: at most one flight per record and fingerprint, so duplicates in a process cost the
 * store nothing while the first of them is under way.
 */
export interface Flights {
  /** Joins the flight under way: its landing, or `undefined` if it still runs at `waitUntil`. */
  join(id: string, waitUntil: number): Promise<Landing | undefined> | undefined;
  open(id: string): Flight;
}

interface Joined {
  readonly waitUntil: number;
  readonly resolve: (landing: Landing | undefined) => void;
  cancel: () => void;
}

/** Creates an empty set of flights. */
export function createFlights(clock: Clock): Flights {
  const flights = new Map<string, OpenFlight>();
  return {
    join: (id, waitUntil) => flights.get(id)?.join(waitUntil),
    open(id) {
      const flight = new OpenFlight(clock, () => {
        flights.delete(id);
      });
      flights.set(id, flight);
      return flight;
    },
  };
}

class OpenFlight implements Flight {
  readonly #clock: Clock;
  readonly #close: () => void;
  readonly #joined = new Set<Joined>();
  #state: 'asking' | 'running' | 'landed' = 'asking';

  constructor(clock: Clock, close: () => void) {
    this.#clock = clock;
    this.#close = close;
  }

  join(waitUntil: number): Promise<Landing | undefined> {
    return new Promise((resolve) => {
      const joined: Joined = { waitUntil, resolve, cancel: () => undefined };
      this.#joined.add(joined);
      // Until the store has answered, which is soon, there may be nothing to wait for.
      if (this.#state === 'running') this.#limit(joined);
    });
  }

  runs(): void {
    if (this.#state !== 'asking') return;
    this.#state = 'running';
    for (const joined of this.#joined) this.#limit(joined);
  }

  land(landing: Landing): void {
    if (this.#state === 'landed') return;
    this.#state = 'landed';
    this.#close();
    for (const { cancel, resolve } of this.#joined) {
      cancel();
      resolve(landing);
    }
  }

  #limit(joined: Joined): void {
    const giveUp = (): void => {
      this.#joined.delete(joined);
      joined.resolve(undefined);
    };
    const remainingMs = joined.waitUntil - this.#clock.now();
    if (remainingMs <= 0) giveUp();
    else joined.cancel = this.#clock.schedule(remainingMs, giveUp);
  }
}

/** With messages, polling only covers what a lost message would have said. */
const POLL_WITH_MESSAGES_MS = { first: 500, most: 1_000 };
const POLL_WITHOUT_MESSAGES_MS = { first: 25, most: 500 };

/** What waiting for another owner needs. */
export interface WaitOptions {
  readonly store: IdempotencyStore;
  readonly clock: Clock;
  readonly storeTimeoutMs: number;
  readonly waitMs: number;
}

/**
 * Waits until the record is no longer running.
 *
 * @returns what it became, or `undefined` if it is still running after `waitMs`
 * @throws whatever `store.peek` rejects with, and TimeoutError
 */
export async function waitUntilEnded(
  request: PeekRequest,
  { store, clock, storeTimeoutMs, waitMs }: WaitOptions,
): Promise<PeekReply | undefined> {
  const waitUntil = clock.now() + waitMs;
  const bell = createBell(clock);
  const watching = store.watch(request.recordId, bell.ring);
  let unwatch: (() => void) | undefined;
  try {
    unwatch = await withTimeout(watching, Math.min(storeTimeoutMs, waitMs), clock);
  } catch {
    // Without messages the wait still ends, only by polling. A watch that comes late is not kept.
    watching.then(
      (stop) => {
        stop();
      },
      () => undefined,
    );
  }
  const poll = unwatch === undefined ? POLL_WITHOUT_MESSAGES_MS : POLL_WITH_MESSAGES_MS;
  let pollMs = poll.first;
  try {
    for (;;) {
      // Looking comes after watching: a completion in between is seen by the look.
      const reply = await withTimeout(store.peek(request), storeTimeoutMs, clock);
      if (reply.kind !== 'running') return reply;
      const remainingMs = waitUntil - clock.now();
      if (remainingMs <= 0) return undefined;
      await bell.wait(Math.min(remainingMs, pollMs, reply.leaseRemainingMs + 1));
      pollMs = Math.min(pollMs * 2, poll.most);
    }
  } finally {
    unwatch?.();
  }
}

/** Wakes one waiter; a ring while nobody waits is remembered. */
function createBell(clock: Clock): {
  readonly ring: () => void;
  readonly wait: (timeoutMs: number) => Promise<void>;
} {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring: () => {
      rung = true;
      wake?.();
    },
    async wait(timeoutMs) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const cancel = clock.schedule(timeoutMs, resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
        wake = undefined;
      }
      rung = false;
    },
  };
}
