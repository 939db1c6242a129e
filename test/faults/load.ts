import { setTimeout as sleep } from 'node:timers/promises';
import { HANG_MS } from '../support/hang-guard.js';
import type { Call, Client } from './client.js';
import { formatFault, type Fault } from './fault.js';
import type { HistoryEntry } from './history.js';
import type { Random } from './random.js';
import type { Operation, RecordIdentity } from './record.js';
import type { PoolWorker, WorkerPool } from './worker-pool.js';

/** One caller's intent: a record and the arguments that belong to it. */
export interface Intent extends RecordIdentity {
  readonly amount: number;
}

/** Options of the load. */
export interface LoadOptions {
  readonly pool: WorkerPool;
  readonly client: Client;
  readonly random: Random;
  readonly operations: readonly Operation[];
  /** Intents in flight at once. */
  readonly concurrency: number;
  /** New intents begin while this holds. */
  readonly goesOn: () => boolean;
  /** The fault that an intent's first request carries. */
  readonly fault?: ((intent: Intent) => Fault | undefined) | undefined;
  readonly delayMs?: ((intent: Intent) => number | undefined) | undefined;
}

/** Requests that were sent, and the intents behind them. */
export interface Load {
  readonly history: readonly HistoryEntry[];
  /** Sends one request and adds it to the history. */
  send(worker: PoolWorker, client: Client, call: Call, final?: boolean): Promise<HistoryEntry>;
  /** Sends the last request of a call: its answer is the one that the client ends with. */
  conclude(
    pick: () => Promise<PoolWorker>,
    client: Client,
    call: Call,
    withinMs?: number,
  ): Promise<void>;
  /** Sends requests until `goesOn` says no, and all of them have ended. */
  run(options: LoadOptions): Promise<void>;
  /** Asks for every intent until it has an answer: the faults have stopped. */
  settle(pool: WorkerPool, client: Client): Promise<void>;
  /** Asks for every intent with other arguments than it had: it must be refused. */
  misuse(pool: WorkerPool, client: Client): Promise<void>;
}

const SCOPES = ['alice', 'bob', 'carol', 'dave'];
const TRIES_MAX = 40;
/** An intent ends with one of these: asking again would give the same. */
const ENDS = new Set([
  'OK',
  'IDEMPOTENCY_OUTCOME_UNKNOWN',
  'IDEMPOTENCY_KEY_PARAMETER_MISMATCH',
  'IDEMPOTENCY_RESULT_UNAVAILABLE',
]);
/**
 * The errors of an attempt whose worker stood still for a whole lease, as happens on a busy machine:
 * the next attempt may begin.
 */
const LOST_CLAIM: ReadonlySet<string> = new Set([
  'The claim could not be renewed in time.',
  'The claim was lost to another request.',
]);
/** A record that has no answer yet, or none that reached the client, may have one later. */
const NOT_YET = new Set([
  'IDEMPOTENCY_CONCURRENT_REQUEST',
  'IDEMPOTENCY_STORE_UNAVAILABLE',
  'NO_ANSWER',
  ...LOST_CLAIM,
]);
const SETTLE_TIMEOUT_MS = 10_000;
const SETTLE_AGAIN_MS = 200;
const SETTLE_CONCURRENCY = 32;

/**
 * Creates a load whose keys begin with `prefix`. Keys collide on purpose between scopes and between
 * operations; some are used again with other arguments; some requests are sent several times at once.
 */
export function createLoad(prefix: string): Load {
  const history: HistoryEntry[] = [];
  const intents: Intent[] = [];
  let started = 0;
  let clock = 0;

  async function ask(worker: PoolWorker, client: Client, call: Call): Promise<HistoryEntry> {
    const { scope, operation, key, amount, fault, delayMs } = call;
    const invokedAt = ++clock;
    const from = Date.now();
    const result = await client.call(worker.port, call);
    const returnedAt = ++clock;
    const sent = {
      worker: worker.process.pid,
      fault: fault && formatFault(fault),
      ...{ delayMs, from, to: Date.now() },
    };
    return { scope, operation, key, amount, invokedAt, returnedAt, ...result, final: false, sent };
  }

  async function send(
    worker: PoolWorker,
    client: Client,
    call: Call,
    final = false,
  ): Promise<HistoryEntry> {
    const entry = { ...(await ask(worker, client, call)), final };
    history.push(entry);
    return entry;
  }

  /** Asks until there is an answer; adds all answers but this one to the history. */
  async function answerOf(
    pick: () => Promise<PoolWorker>,
    client: Client,
    call: Call,
    withinMs = HANG_MS,
  ): Promise<HistoryEntry> {
    const giveUpAt = Date.now() + withinMs;
    let entry = await ask(await pick(), client, call);
    // On a busy machine an execution outlives its client, and the store's time limit passes: what is
    // promised is an end, not when. A record that is stuck stays so, and is found.
    while (NOT_YET.has(entry.code) && Date.now() < giveUpAt) {
      history.push(entry);
      await sleep(SETTLE_AGAIN_MS);
      entry = await ask(await pick(), client, call);
    }
    return entry;
  }

  async function conclude(
    pick: () => Promise<PoolWorker>,
    client: Client,
    call: Call,
    withinMs?: number,
  ): Promise<void> {
    history.push({ ...(await answerOf(pick, client, call, withinMs)), final: true });
  }

  async function pursue(intent: Intent, options: LoadOptions, random: Random): Promise<void> {
    const { pool, client } = options;
    const timeout = (): number => random.integer(1_500, 5_000);
    const again = async (amount = intent.amount): Promise<HistoryEntry> =>
      send(await pool.pick(), client, { ...intent, amount, timeoutMs: timeout() });

    /** Asks again until there is an answer, as a client does that needs one. */
    const insist = async (code: string): Promise<string> => {
      let latest = code;
      for (let tries = 1; !ENDS.has(latest) && tries < TRIES_MAX; tries += 1) {
        await sleep(random.integer(5, 120));
        ({ code: latest } = await again());
      }
      return latest;
    };

    const misuse = misuseOf(intent);
    const fault = options.fault?.(intent);
    const delayMs = options.delayMs?.(intent);
    const first = send(await pool.pick(), client, {
      ...intent,
      timeoutMs: timeout(),
      fault,
      delayMs,
    });
    const others: Promise<unknown>[] = [];
    if (random.chance(0.1)) others.push(again(), again());
    if (random.chance(0.05)) others.push(again(misuse));
    // While the first is hit, another client of the same caller does not wait for it.
    if (random.chance(fault === undefined ? 0.02 : 0.5)) others.push(insist('NOT_ASKED_YET'));
    await insist((await first).code);
    await Promise.all(others);
    if (random.chance(0.2)) await again();
    if (random.chance(0.05)) await again(misuse);
    intents.push(intent);
  }

  /** Goes through all intents, some at once. */
  async function forEachIntent(act: (intent: Intent) => Promise<unknown>): Promise<void> {
    const left = [...intents];
    async function lane(): Promise<void> {
      for (let intent = left.pop(); intent !== undefined; intent = left.pop()) await act(intent);
    }
    await Promise.all(Array.from({ length: SETTLE_CONCURRENCY }, lane));
  }

  return {
    history,
    send,
    conclude,
    async run(options) {
      const { random, operations } = options;
      const pending: Intent[] = [];

      /** The next intent. Neighbours share a key and differ in scope or operation. */
      function next(): Intent {
        if (pending.length === 0) {
          const key = `${prefix}-${String(started)}`;
          for (const scope of SCOPES) {
            for (const operation of operations) {
              if (random.chance(0.6)) {
                pending.push({ scope, operation, key, amount: random.integer(1, 1_000_000) });
              }
            }
          }
        }
        return pending.pop() ?? next();
      }

      async function lane(): Promise<void> {
        while (options.goesOn()) {
          const intent = next();
          started += 1;
          await pursue(intent, options, random.fork(String(started)));
        }
      }

      await Promise.all(Array.from({ length: options.concurrency }, lane));
    },
    async settle(pool, client) {
      await forEachIntent(async (intent) => {
        const call = { ...intent, timeoutMs: SETTLE_TIMEOUT_MS };
        const entry = await answerOf(() => pool.pick(), client, call);
        const wasMisused = entry.code === 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH';
        history.push({ ...entry, final: !wasMisused });
        // The misuse may have come first, and is then what the key stands for.
        const rightly = { ...call, amount: misuseOf(intent) };
        if (wasMisused) await conclude(() => pool.pick(), client, rightly);
      });
    },
    async misuse(pool, client) {
      await forEachIntent(async (intent) => {
        const call = { ...intent, amount: intent.amount + 2, timeoutMs: SETTLE_TIMEOUT_MS };
        await send(await pool.pick(), client, call);
      });
    },
  };
}

/** Other arguments under the key of an intent. */
function misuseOf({ amount }: Intent): number {
  return amount + 1;
}
