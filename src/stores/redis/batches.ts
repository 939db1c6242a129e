import { keySlot } from './key-slot.js';
import type { RedisArgument, RedisLike, RedisPipelineLike } from './redis-like.js';
import { isUnknownScript, run, type Script } from './scripts.js';

/** Runs scripts so that those of one turn of the event loop travel together. */
export interface Batches {
  /**
   * Runs a script that may be run twice, and gives its reply with every string as bytes.
   *
   * @param key - the one key that it is about, without the client's `keyPrefix`
   */
  run(script: Script, key: string, args: readonly RedisArgument[]): Promise<unknown>;
}

interface Waiting {
  readonly script: Script;
  readonly key: string;
  readonly args: readonly RedisArgument[];
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Errors of a command in a pipeline that a command by itself would have been spared. */
const UNLIKE_ALONE = /^((MOVED|ASK|TRYAGAIN|CLUSTERDOWN) |Command aborted due to connection close)/;

/**
 * Creates batches over a client.
 *
 * What becomes ready in one turn, such as the requests that arrived together, costs one write and
 * its replies one read. A command that is alone in its turn is sent as it is: it waits for nothing
 * but the end of the callbacks that are running already.
 */
export function createBatches(client: RedisLike): Batches {
  /** By the nodes that serve the keys: a pipeline of a cluster goes to one of them. */
  let queues = new Map<string, Waiting[]>();

  function destinationOf(key: string): string {
    if (client.slots === undefined) return '';
    const slot = keySlot((client.options?.keyPrefix ?? '') + key);
    return client.slots[slot]?.join() ?? `slot ${String(slot)}`;
  }

  function flush(): void {
    const due = queues;
    queues = new Map();
    for (const batch of due.values()) {
      if (batch.length === 1) for (const waiting of batch) runAlone(waiting);
      else void runTogether(batch);
    }
  }

  function runAlone({ script, key, args, resolve, reject }: Waiting): void {
    run(client, script, key, args).then(resolve, reject);
  }

  async function runTogether(batch: readonly Waiting[]): Promise<void> {
    // A pipeline that fails as a whole was not sent, or may have been: either way it may be again.
    const replies = await sendTogether(batch).catch(() => null);
    batch.forEach((waiting, index) => {
      const [error, reply] = replies?.[index] ?? [undefined];
      if (error === null) waiting.resolve(reply);
      else if (error === undefined || isUnlikeAlone(error)) runAlone(waiting);
      else waiting.reject(error);
    });
  }

  async function sendTogether(batch: readonly Waiting[]): ReturnType<RedisPipelineLike['exec']> {
    const pipeline = client.pipeline();
    for (const { script, key, args } of batch) {
      pipeline.callBuffer('evalsha', [script.sha, 1, key, ...args]);
    }
    return pipeline.exec();
  }

  return {
    run: (script, key, args) =>
      new Promise((resolve, reject) => {
        const waiting = { script, key, args, resolve, reject };
        if (queues.size === 0) setImmediate(flush);
        const destination = destinationOf(key);
        const queue = queues.get(destination);
        if (queue === undefined) queues.set(destination, [waiting]);
        else queue.push(waiting);
      }),
  };
}

function isUnlikeAlone(error: Error): boolean {
  return isUnknownScript(error) || UNLIKE_ALONE.test(error.message);
}
