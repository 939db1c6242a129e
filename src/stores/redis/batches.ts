import {
  isRefusal,
  type RedisArgument,
  type RedisDriver,
  type RedisReply,
} from './clients/redis-driver.js';
import { evaluate, type Script, type ScriptText } from './scripts/define-script.js';
import { ScriptReply } from './scripts/script-reply.js';

/** Runs scripts so that those of one turn of the event loop travel together. */
export interface Batches {
  /**
   * Runs a script that may be run twice, and gives what it replied.
   *
   * @param key - the one key that it is about, without the client's `keyPrefix`
   */
  run<Request, Reply>(
    script: Script<Request, Reply>,
    key: string,
    request: Request,
  ): Promise<ScriptReply>;
}

interface Waiting {
  readonly script: ScriptText;
  readonly key: string;
  readonly args: readonly RedisArgument[];
  readonly resolve: (reply: ScriptReply) => void;
  readonly reject: (error: unknown) => void;
}

/** A script on the keys of all who wait for it, in one command. */
type Command = readonly [Waiting, ...Waiting[]];

/** Errors of a command in a pipeline that a command by itself would have been spared. */
const UNLIKE_ALONE =
  /^((NOSCRIPT|MOVED|ASK|TRYAGAIN|CLUSTERDOWN) |Command aborted due to connection close)/;

/**
 * Creates batches over a client.
 *
 * What becomes ready in one turn, such as the requests that arrived together, costs one write and
 * its replies one read; and where one node has all keys, one command for each script. While nothing
 * else is in flight there is nothing to wait for, and a command is sent at once.
 */
export function createBatches(client: RedisDriver): Batches {
  const commandsOf = client.isCluster ? separate : combine;
  /** By the nodes that serve the keys: a pipeline of a cluster goes to one of them. */
  let queues = new Map<string, Waiting[]>();
  /** How much was sent that has no reply yet. */
  let inFlight = 0;

  function flush(): void {
    const due = queues;
    queues = new Map();
    for (const queue of due.values()) {
      const [first, ...others] = commandsOf(queue);
      if (first === undefined) continue;
      void (others.length === 0 ? send(first) : sendTogether([first, ...others]));
    }
  }

  async function send(command: Command): Promise<void> {
    inFlight += 1;
    try {
      const [{ script }] = command;
      answer(command, await evaluate(client, script, keysOf(command), argumentsOf(command)));
    } catch (error) {
      fail(command, error);
    } finally {
      inFlight -= 1;
    }
  }

  async function sendTogether(commands: readonly [Command, ...Command[]]): Promise<void> {
    inFlight += 1;
    const replies = await pipe(commands).catch(() => null);
    inFlight -= 1;
    commands.forEach((command, index) => {
      const [error, reply] = replies?.[index] ?? [undefined];
      if (error === null) answer(command, reply);
      // A pipeline that fails as a whole was not sent, or may have been: either way it may be again.
      else if (error === undefined || UNLIKE_ALONE.test(error.message)) void send(command);
      else fail(command, error);
    });
  }

  async function pipe(
    commands: readonly [Command, ...Command[]],
  ): Promise<readonly RedisReply[] | null> {
    const together = commands.map((command) => {
      const [{ script }] = command;
      const keys = keysOf(command);
      return { name: 'evalsha', args: [script.sha, keys.length, ...keys, ...argumentsOf(command)] };
    });
    return client.sendTogether(together, commands[0][0].key);
  }

  function answer(command: Command, reply: unknown): void {
    const replies = ScriptReply.each(reply);
    command.forEach((waiting, index) => {
      const own = replies[index];
      if (own === undefined) waiting.reject(new Error('Redis gave no reply.'));
      else waiting.resolve(own);
    });
  }

  function fail(command: Command, error: unknown): void {
    for (const waiting of command) {
      // What Redis refuses to all of them it may grant to some: an outcome is told, a claim refused.
      if (command.length > 1 && isRefusal(error)) void send([waiting]);
      else waiting.reject(error);
    }
  }

  return {
    run: (script, key, request) =>
      new Promise((resolve, reject) => {
        const waiting = { script, key, args: script.argumentsOf(request), resolve, reject };
        if (queues.size === 0 && inFlight === 0) {
          void send([waiting]);
          return;
        }
        if (queues.size === 0) setImmediate(flush);
        const destination = client.destinationOf(key);
        const queue = queues.get(destination);
        if (queue === undefined) queues.set(destination, [waiting]);
        else queue.push(waiting);
      }),
  };
}

function separate(queue: readonly Waiting[]): readonly Command[] {
  return queue.map((waiting) => [waiting]);
}

/** The largest number of keys in a command: while a script runs, Redis does nothing else. */
const KEYS_MAX = 64;
/** A command with more bytes takes no more keys. */
const BYTES_MAX = 262_144;

/** Makes one command of those that run the same script. */
function combine(queue: readonly Waiting[]): readonly Command[] {
  const commands: [Waiting, ...Waiting[]][] = [];
  const open = new Map<ScriptText, { command: [Waiting, ...Waiting[]]; bytes: number }>();
  for (const waiting of queue) {
    let group = open.get(waiting.script);
    if (group === undefined || group.command.length === KEYS_MAX || group.bytes > BYTES_MAX) {
      group = { command: [waiting], bytes: 0 };
      open.set(waiting.script, group);
      commands.push(group.command);
    } else {
      group.command.push(waiting);
    }
    for (const arg of waiting.args) group.bytes += typeof arg === 'number' ? 8 : arg.length;
  }
  return commands;
}

function keysOf(command: Command): string[] {
  return command.map(({ key }) => key);
}

function argumentsOf([first, ...others]: Command): readonly RedisArgument[] {
  return others.length === 0 ? first.args : [first, ...others].flatMap(({ args }) => args);
}
