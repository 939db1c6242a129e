import { once } from 'node:events';
import { Redis } from 'ioredis';
import type { RedisServer } from '../../test/support/redis-server.js';
import { contenderOf } from '../contenders.js';
import { withEffects } from '../load/figures.js';
import { firstPayment, queryPayment, unmarkedPayment } from '../load/payments.js';
import { sendAll, sendOnce } from '../load/repeats.js';
import type { Shot } from '../load/slice.js';
import type { CommandCount } from '../results.js';
import type { BenchServer } from '../server-process.js';

const REQUESTS = 50;

/**
 * Counts the commands that each server sends to Redis for one request, one request after the other.
 *
 * @throws Error when one without Redis sends any
 */
export async function countCommands(
  servers: readonly BenchServer[],
  redis: RedisServer,
  say: (line: string) => void,
): Promise<CommandCount[]> {
  const counts: CommandCount[] = [];
  const counter = await openCounter(redis);
  try {
    for (const server of servers) {
      say(`commands of ${server.name}`);
      counts.push(...(await countOf(server, counter)));
    }
  } finally {
    counter.close();
  }
  return counts;
}

async function countOf(server: BenchServer, counter: Counter): Promise<CommandCount[]> {
  const { name, port } = server;
  const { isProtected, usesRedis } = contenderOf(name);
  const counts: CommandCount[] = [];

  async function count(
    what: CommandCount['what'],
    effects: number,
    shots: readonly Shot[],
  ): Promise<void> {
    const commands = await counter.during(() =>
      withEffects(server, effects, () => sendAll(port, shots, 1)),
    );
    if (!usesRedis && commands > 0) throw new Error(`${name} has no business with Redis.`);
    counts.push({ contender: name, what, perRequest: commands / REQUESTS });
  }

  // The first requests also set up what later ones use.
  const plan = { port, count: REQUESTS, connections: 1 };
  const made = await sendOnce(plan, firstPayment, isProtected);
  await count('first', REQUESTS, Array.from({ length: REQUESTS }, firstPayment));
  await count('replay', isProtected ? 0 : REQUESTS, made);
  const again = REQUESTS / 10;
  const mixed = [...made.slice(0, again), ...Array.from({ length: 9 * again }, firstPayment)];
  await count('mix', isProtected ? 9 * again : REQUESTS, mixed);
  if (name.startsWith('type-graphql')) return counts;
  await count('query', 0, new Array<Shot>(REQUESTS).fill(queryPayment));
  await count('unmarked mutation', REQUESTS, Array.from({ length: REQUESTS }, unmarkedPayment));
  return counts;
}

/** Counts commands as Redis itself reports them. */
interface Counter {
  /** How many commands clients sent while `act` ran; what scripts call is not counted. */
  during(act: () => Promise<void>): Promise<number>;
  close(): void;
}

async function openCounter({ port }: RedisServer): Promise<Counter> {
  const marker = new Redis(port, '127.0.0.1');
  if (marker.status !== 'ready') await once(marker, 'ready');
  const monitor = await marker.monitor();
  let counted = 0;
  let marks = 0;
  let onMark: (mark: string) => void = () => undefined;
  monitor.on('monitor', (_time: string, [name, text]: string[], source: string) => {
    if (name?.toLowerCase() === 'echo' && text !== undefined) onMark(text);
    else if (source !== 'lua') counted += 1;
  });

  /** Redis reports commands in their order: the mark comes after all that were sent before. */
  async function seen(): Promise<void> {
    marks += 1;
    const mark = `mark ${String(marks)}`;
    const arrived = new Promise<void>((resolve) => {
      onMark = (text) => {
        if (text === mark) resolve();
      };
    });
    await marker.echo(mark);
    await arrived;
  }

  return {
    async during(act) {
      await seen();
      counted = 0;
      await act();
      await seen();
      return counted;
    },
    close() {
      monitor.disconnect();
      marker.disconnect();
    },
  };
}
