import { withIdempotency } from '../../src/client/fetch/index.js';
import { OfflineQueue, type OfflineQueueOptions } from '../../src/client/offline/index.js';

/** The page's program: a queue over the bank, and what it has told. */
export interface OfflinePage {
  readonly told: string[];
  /** Opens the queue. Nothing is sent before. */
  open(options?: Partial<OfflineQueueOptions>): void;
  /** Pays, with this key. Resolves with the answer's data, or the error. */
  pay(amount: number, key?: string): Promise<unknown>;
  flush(): Promise<void>;
  start(): void;
  clear(): Promise<void>;
  /** Lets time pass for the queue, as if the page had been closed meanwhile. */
  wait(ms: number): void;
}

declare global {
  var offlinePage: OfflinePage;
}

const url = (globalThis as unknown as { location: { hash: string } }).location.hash.slice(1);
const operations = {
  Pay: {
    idempotent: true,
    ttlSeconds: 60,
    fields: { pay: { mutation: 'Mutation.pay', key: ['key'] } },
  },
} as const;
const query =
  'mutation Pay($amount: Int!, $key: String) { pay(amount: $amount) @idempotent(key: $key) { id } }';
const told: string[] = [];
let queue: OfflineQueue | undefined;
let aheadMs = 0;

function opened(): OfflineQueue {
  if (queue === undefined) throw new Error('The queue is not open.');
  return queue;
}

globalThis.offlinePage = {
  told,
  open(options = {}) {
    queue = new OfflineQueue({
      operations,
      clock: {
        now: () => performance.now(),
        wallMs: () => Date.now() + aheadMs,
        // What is sent later is sent because of an event, or of `flush`.
        schedule: () => () => undefined,
      },
      onAnswer: ({ key }, answer) => told.push(`answered ${key}: ${JSON.stringify(answer)}`),
      onDropped: ({ key }) => told.push(`dropped ${key}`),
      onProblem: ({ kind }) => told.push(kind),
      ...options,
    });
  },
  async pay(amount, key) {
    const send = withIdempotency(opened().fetch, { operations, attemptsMax: 1 });
    try {
      const response = await send(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables: { amount, key } }),
      });
      return ((await response.json()) as { data: unknown }).data;
    } catch (error) {
      return String(error);
    }
  },
  flush: () => opened().flush(),
  start: () => void opened().start(),
  clear: () => opened().clear(),
  wait(ms) {
    aheadMs += ms;
  },
};
