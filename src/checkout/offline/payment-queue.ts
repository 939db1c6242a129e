import { OfflineQueue } from '../../client/offline/index.js';
import type { AttemptLog } from '../attempts/attempt-log.js';
import { createAtom } from '../atom.js';
import type { Faults } from '../faults/faults.js';
import { unreliableFetch } from '../faults/unreliable-fetch.js';
import { idempotentOperations } from '../generated/idempotency.js';
import type { LateAnswer, LatePayment } from './late-payment.js';
import { laterFetch } from './later-fetch.js';

/** The parts of the page that a queue works with. */
interface QueueParts {
  readonly log: AttemptLog;
  readonly faults: Faults;
  /** Headers of every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Told after each attempt that the queue makes by itself. */
  readonly onAttempt: () => void;
}

/** Keeps payments in this browser until they are answered, over a reload and without a network. */
export class PaymentQueue {
  /** The latest payment that was over after its call. */
  readonly late = createAtom<LatePayment | undefined>(undefined);
  /** Whether the browser lets the page store payments, as far as the page knows. */
  readonly isKeeping = createAtom(true);
  readonly #queue: OfflineQueue;
  readonly #send: typeof fetch;
  readonly #freshKeys: Faults['freshKeys'];

  constructor({ log, faults, headers, onAttempt }: QueueParts) {
    this.#freshKeys = faults.freshKeys;
    this.#send = unreliableFetch(faults);
    this.#queue = new OfflineQueue({
      operations: idempotentOperations,
      name: 'checkout',
      fetch: laterFetch(log, this.#send, onAttempt),
      headers: () => headers,
      onAnswer: ({ key }, answer) => {
        this.late.set({ key, answer: answer as LateAnswer });
      },
      onDropped: ({ key }) => {
        this.late.set({ key, answer: undefined });
      },
      onProblem: ({ kind }) => {
        if (kind !== 'damaged') this.isKeeping.set(false);
      },
    });
  }

  /** The client's `fetch`. A payment whose next attempt gets another key must not be sent later. */
  readonly fetch: typeof fetch = (...request) =>
    this.#freshKeys.get() ? this.#send(...request) : this.#queue.fetch(...request);

  /** Sends what is left, now and whenever the network comes back. */
  start(): void {
    this.#queue.start();
  }

  /** Forgets the payments that are left: none of them is sent any more. */
  async forget(): Promise<void> {
    await this.#queue.clear();
  }
}
