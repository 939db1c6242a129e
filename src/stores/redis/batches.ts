import {
  isRefusal,
  type RedisArgument,
  type RedisDriver,
  type RedisReply,
} from './clients/redis-driver.js';
import { evaluate, type Script, type ScriptText } from './scripts/define-script.js';
import { ScriptReply } from './scripts/script-reply.js';

/** Runs scripts, and sends those of one turn of the event loop together. */
export interface Batches {
  /**
   * Runs a script that may run twice, and returns its reply.
   *
   * @param key - its only key, without the client's `keyPrefix`
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

/** One command: a script on the keys of all requests that wait for it. */
type Command = readonly [Waiting, ...Waiting[]];

/** Errors that a command gets only within a pipeline. */
const UNLIKE_ALONE =
  /^((NOSCRIPT|MOVED|ASK|TRYAGAIN|CLUSTERDOWN) |Command aborted due to connection close)/;

/**
 * Creates batches over a client.
 *
 * Calls of one turn, such as those of requests that arrived together, take one write, and their replies
 * one read; where one node has all keys, they take one command for each script. If nothing else is in
 * flight, a command is sent at once.
 */
export function createBatches(client: RedisDriver): Batches {
  const commandsOf = client.isCluster ? separate : combine;
  /** Queues by the nodes that serve the keys: a pipeline of a cluster goes to one of them. */
  let queues = new Map<string, Waiting[]>();
  /** The number of commands without a reply. */
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
      // If a pipeline fails as a whole, it may have been sent; it may be sent again in either case.
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
      // Redis may accept some of the calls that it refused together: it may replay, but not claim.
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
/** The size of a command, in bytes, from which it takes no more keys. */
const BYTES_MAX = 262_144;

/** Combines the calls of the same script into one command. */
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
