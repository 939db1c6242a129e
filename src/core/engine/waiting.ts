import type { Clock } from '../async/clock.js';
import { withTimeout } from '../async/timeout.js';
import type { PeekReply, PeekRequest } from '../record/store.js';
import type { EngineContext } from './context.js';

/** With messages, polling only covers what a lost message would have said. */
const POLL_WITH_MESSAGES_MS = { first: 500, most: 1_000 };
const POLL_WITHOUT_MESSAGES_MS = { first: 25, most: 500 };

/**
 * Waits until the record is no longer running.
 *
 * @param waitMs - for how long, in milliseconds
 * @returns what it became, or `undefined` if it is still running after that time
 * @throws whatever `store.peek` rejects with, and TimeoutError
 */
export async function waitUntilEnded(
  request: PeekRequest,
  waitMs: number,
  { store, clock, storeTimeoutMs, timeouts }: EngineContext,
): Promise<PeekReply | undefined> {
  const waitUntil = clock.now() + waitMs;
  const signal = new Signal(clock);
  const watching = store.watch(request.recordId, () => {
    signal.emit();
  });
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
      const reply = await timeouts.limit(store.peek(request));
      if (reply.kind !== 'running') return reply;
      const remainingMs = waitUntil - clock.now();
      if (remainingMs <= 0) return undefined;
      await signal.wait(Math.min(remainingMs, pollMs, reply.leaseRemainingMs + 1));
      pollMs = Math.min(pollMs * 2, poll.most);
    }
  } finally {
    unwatch?.();
  }
}

/** Wakes one waiter; a signal that comes while nobody waits is remembered. */
class Signal {
  readonly #clock: Clock;
  #isEmitted = false;
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  emit(): void {
    this.#isEmitted = true;
    this.#wake?.();
  }

  async wait(timeoutMs: number): Promise<void> {
    if (!this.#isEmitted) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.schedule(timeoutMs, resolve);
        this.#wake = () => {
          cancel();
          resolve();
        };
      });
      this.#wake = undefined;
    }
    this.#isEmitted = false;
  }
}
