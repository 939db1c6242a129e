import type { Clock } from '../async/clock.js';
import { withTimeout } from '../async/timeout.js';
import type { PeekReply, PeekRequest } from '../record/store.js';
import type { EngineContext } from './context.js';

/** With messages, polling only makes up for lost ones. */
const POLL_WITH_MESSAGES_MS = { first: 500, most: 1_000 };
const POLL_WITHOUT_MESSAGES_MS = { first: 25, most: 500 };

/**
 * Waits until the record is no longer running.
 *
 * @param waitMs - the longest wait, in milliseconds
 * @returns its new state, or `undefined` if it is still running after that time
 * @throws the error of `store.peek`, and TimeoutError
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
    // Without messages, polling still ends the wait. A watch that resolves late is closed.
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
      // The look follows the watch, so it sees a completion in between.
      const reply = await timeouts.limit(() => store.peek(request));
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
