import { withIdempotency } from '../../src/client/fetch/index.js';
import { OfflineQueue, type OfflineQueueOptions } from '../../src/client/offline/index.js';

/** The page's program: a queue over the bank, and what it has told. */
export interface OfflinePage {
  readonly told: string[];
  /** Opens the queue. Nothing is sent before. */
  open(options?: Partial<OfflineQueueOptions>): void;
  /** Pays, with this key. Resolves with the answer's data, or the error. */
  pay(amount: number, key?: string, signal?: AbortSignal): Promise<unknown>;
  flush(): Promise<void>;
  start(): void;
  clear(): Promise<void>;
  /** Ends what `start` began. */
  stop(): void;
  /** Lets time pass for the queue, and runs the timers that are due then. */
  wait(ms: number): void;
  /** The times until the timers that are set, in milliseconds. */
  timers(): number[];
}

declare global {
  var offlinePage: OfflinePage;
  /** The end of a flush that a test does not wait for at once. */
  var flushed: Promise<void> | undefined;
  /** Gives the headers that a flush waits for. */
  var signIn: ((headers: Record<string, string>) => void) | undefined;
}

const url = (globalThis as unknown as { location: { hash: string } }).location.hash.slice(1);
const operations = {
  Pay: {
    idempotent: true,
    ttlSeconds: 600,
    fields: { pay: { mutation: 'Mutation.pay', key: ['key'] } },
  },
} as const;
const query =
  'mutation Pay($amount: Int!, $key: String) { pay(amount: $amount) @idempotent(key: $key) { id } }';
const told: string[] = [];
let queue: OfflineQueue | undefined;
let stop = (): void => undefined;

/** The queue's clock: it stands still until it is told to move. */
const bornAtMs = Date.now();
const timers = new Set<{ readonly dueAtMs: number; readonly fire: () => void }>();
let nowMs = 0;

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
        now: () => nowMs,
        wallMs: () => bornAtMs + nowMs,
        schedule(delayMs, fire) {
          const timer = { dueAtMs: nowMs + delayMs, fire };
          timers.add(timer);
          return () => void timers.delete(timer);
        },
      },
      onAnswer: ({ key }, answer) => told.push(`answered ${key}: ${JSON.stringify(answer)}`),
      onDropped: ({ key }) => told.push(`dropped ${key}`),
      onProblem: ({ kind }) => told.push(kind),
      ...options,
    });
  },
  async pay(amount, key, signal) {
    const send = withIdempotency(opened().fetch, { operations, attemptsMax: 1 });
    try {
      const response = await send(url, {
        method: 'POST',
        ...(signal && { signal }),
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables: { amount, key } }),
      });
      return ((await response.json()) as { data: unknown }).data;
    } catch (error) {
      return String(error);
    }
  },
  flush: () => opened().flush(),
  start() {
    stop = opened().start();
  },
  stop: () => {
    stop();
  },
  clear: () => opened().clear(),
  wait(ms) {
    nowMs += ms;
    for (const timer of [...timers].filter(({ dueAtMs }) => dueAtMs <= nowMs)) {
      timers.delete(timer);
      timer.fire();
    }
  },
  timers: () => [...timers].map(({ dueAtMs }) => dueAtMs - nowMs),
};
