import type { Clock } from '../clock.js';
import { sleep, withTimeout } from '../timeout.js';

/** How long a write that the store refused is tried again, in milliseconds. */
const PERSISTENCE_MS_MAX = 300_000;
const BACKOFF_MS = { first: 100, most: 5_000 };
/** How many writes may go on in the background at once: a store that stays away must not fill memory. */
const PERSISTENCE_PENDING_MAX = 10_000;

/** What {@link Persistence.persist} reports about a write that had to be repeated. */
export interface PersistenceReport<T> {
  /** Whether a stopping server waits for it. */
  readonly essential: boolean;
  /** Called once, when the first try failed. */
  onFirstFailure?(error: unknown): void;
  /** Called when a later try succeeded. */
  onLateSuccess?(reply: T): void;
  /** Called when it was given up. */
  onGivenUp?(error: unknown): void;
}

/** Writes that must reach the store even if it is away for a while. */
export interface Persistence {
  /**
   * Sends the write, which must be safe to send twice.
   *
   * @returns its reply, or `undefined` if the first try failed and it goes on in the background
   */
  persist<T>(write: () => Promise<T>, report: PersistenceReport<T>): Promise<T | undefined>;
  /** How many essential writes go on in the background. */
  readonly pending: number;
  /** Resolves when no essential write goes on in the background. */
  settled(): Promise<void>;
  /** Gives up what still goes on in the background, and what would from now on. */
  stop(): void;
}

/** Creates the persistence of one engine. */
export function createPersistence(clock: Clock, timeoutMs: number): Persistence {
  const background = new Set<Promise<void>>();
  const essential = new Set<Promise<void>>();
  let stopped = false;

  async function repeat<T>(
    write: () => Promise<T>,
    report: PersistenceReport<T>,
    firstError: unknown,
  ): Promise<void> {
    const giveUpAt = clock.now() + PERSISTENCE_MS_MAX;
    let error = firstError;
    let backoffMs = BACKOFF_MS.first;
    while (!stopped && clock.now() < giveUpAt) {
      await sleep(backoffMs, clock);
      backoffMs = Math.min(backoffMs * 2, BACKOFF_MS.most);
      try {
        const reply = await withTimeout(write(), timeoutMs, clock);
        report.onLateSuccess?.(reply);
        return;
      } catch (latest) {
        error = latest;
      }
    }
    report.onGivenUp?.(error);
  }

  return {
    async persist(write, report) {
      try {
        return await withTimeout(write(), timeoutMs, clock);
      } catch (error) {
        report.onFirstFailure?.(error);
        if (stopped || background.size >= PERSISTENCE_PENDING_MAX) {
          report.onGivenUp?.(error);
          return undefined;
        }
        const task = repeat(write, report, error).finally(() => {
          background.delete(task);
          essential.delete(task);
        });
        background.add(task);
        if (report.essential) essential.add(task);
        return undefined;
      }
    },
    get pending() {
      return essential.size;
    },
    async settled() {
      while (essential.size > 0) await Promise.all(essential);
    },
    stop() {
      stopped = true;
    },
  };
}
