import type { Clock } from '../../../core/async/clock.js';
import { withTimeout } from '../../../core/async/timeout.js';
import { acknowledge, type Acknowledgement, type WrittenRecord } from './acknowledgement.js';
import { proveScript, type Written } from './prove-script.js';
import { ReplicaCounts } from './replica-counts.js';
import type { OwnConnection, RedisDriver } from '../clients/redis-driver.js';
import { ask as askPrimary } from '../scripts/define-script.js';

/** Waits until writes have reached the replicas. */
export interface Replication {
  /**
   * Resolves once enough replicas have the write.
   *
   * @param key - the record's key, without the client's `keyPrefix`
   * @throws Error when they do not acknowledge it in time, or the write no longer exists
   */
  confirm(key: string, written: Written): Promise<void>;
  /** Ends the connection; the next wait opens another. */
  close(): void;
}

/** Options of a {@link Replication}. */
export interface ReplicationOptions {
  /** The number of replicas that must have a write before it counts: a number, or all known ones. */
  readonly replicas: number | 'all';
  /** The longest time that Redis waits for them, in milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

interface Waiting extends WrittenRecord {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  /** The number of further redirections that it may follow. */
  redirectsLeft: number;
}

const BATCH_MAX = 512;
const REDIRECTS_MAX = 3;
/** The largest number of times that a batch is sent, on a connection that may have to be opened first. */
const SENDS_MAX = 3;
const CONNECT_MS_MAX = 1_000;

/**
 * Waits on a separate connection, because `WAIT` blocks the connection that it is sent on, and once per
 * batch and primary: writes that arrive during a wait go with the next batch.
 *
 * Invariant: a write is confirmed only if, on one connection to one primary, the record had it, and then
 * enough replicas acknowledged everything up to that point.
 */
export function createReplication(
  client: RedisDriver,
  { replicas, timeoutMs, clock }: ReplicationOptions,
): Replication {
  const counts = new ReplicaCounts();
  /** Queues by primary, present while a batch is in flight. */
  const queues = new Map<string, Waiting[]>();
  let connection: OwnConnection | undefined;

  function enqueue(waiting: Waiting): void {
    // Also before the first batch: only a connection tells which records one batch may have.
    connection ??= client.connect();
    const primary = connection.destinationOf(waiting.key);
    const queue = queues.get(primary);
    if (queue !== undefined) {
      queue.push(waiting);
      return;
    }
    queues.set(primary, [waiting]);
    // After this turn of the event loop, so that all its writes are sent together.
    setImmediate(() => void work(primary));
  }

  async function work(primary: string): Promise<void> {
    for (;;) {
      const [first, ...others] = queues.get(primary)?.splice(0, BATCH_MAX) ?? [];
      if (first === undefined) break;
      const batch = [first, ...others] as const;
      try {
        const acknowledgement = await ask(primary, batch);
        batch.forEach((waiting, index) => {
          settle(waiting, acknowledgement, index);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    queues.delete(primary);
  }

  async function ask(
    primary: string,
    batch: readonly [Waiting, ...Waiting[]],
  ): Promise<Acknowledgement> {
    connection ??= client.connect();
    const used = connection;
    const terms = { replicas, counts, primary, timeoutMs };
    const asked = used.ready().then(() => acknowledge(used, batch, terms));
    try {
      const patienceMs = CONNECT_MS_MAX + SENDS_MAX * timeoutMs;
      return await withTimeout(asked, patienceMs, clock, 'Redis');
    } catch (error) {
      // A connection that no longer answers must not hold up the next batch.
      if (connection === used) connection = undefined;
      used.close();
      throw error;
    }
  }

  function settle(waiting: Waiting, { proofs, ...count }: Acknowledgement, index: number): void {
    const proof = proofs[index];
    if (proof === true && count.replicas >= count.required) waiting.resolve();
    else if (proof === true) waiting.reject(tooFew(count, timeoutMs));
    else if (proof !== undefined && isRedirect(proof) && waiting.redirectsLeft > 0) {
      void redirect(waiting);
    } else waiting.reject(proof);
  }

  /** Sends the command by itself: it finds its node, and the client learns the new map of the cluster. */
  async function redirect(waiting: Waiting): Promise<void> {
    waiting.redirectsLeft -= 1;
    try {
      connection ??= client.connect();
      await askPrimary(connection, proveScript, waiting.key, waiting.written);
      enqueue(waiting);
    } catch (error) {
      waiting.reject(error);
    }
  }

  return {
    confirm: (key, written) =>
      new Promise((resolve, reject) => {
        enqueue({ key, written, resolve, reject, redirectsLeft: REDIRECTS_MAX });
      }),
    close() {
      connection?.close();
      connection = undefined;
    },
  };
}

function isRedirect({ message }: Error): boolean {
  return /^(MOVED|ASK|TRYAGAIN) /.test(message);
}

function tooFew({ replicas, required }: Omit<Acknowledgement, 'proofs'>, timeoutMs: number): Error {
  return new Error(
    `Only ${String(replicas)} of ${String(required)} replicas acknowledged the write within ` +
      `${String(timeoutMs)} ms.`,
  );
}
