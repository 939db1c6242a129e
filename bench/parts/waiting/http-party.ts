import { openConnection, type Connection, type HttpAnswer } from '../../load/connection.js';
import { heldPayment } from '../../load/payments.js';
import { dataOf } from '../../load/repeats.js';
import type { BenchServer } from '../../server-process.js';
import { monotonicMs, type Answered, type Party } from './party.js';

/** A server that is sent whole requests, each on a connection of its own. */
export function httpParty(server: BenchServer): Party {
  return {
    async execute(keys) {
      let fail: (error: Error) => void = () => undefined;
      const failed = new Promise<never>((_, reject) => (fail = reject));
      failed.catch(() => undefined);
      const connections = await Promise.all(keys.map(() => openConnection(server.port, fail)));
      try {
        const answers = connections.map((connection, index) => pay(connection, keys[index] ?? ''));
        return await Promise.race([Promise.all(answers), failed]);
      } finally {
        for (const connection of connections) connection.close();
      }
    },
    release() {
      server.release();
    },
    async effects() {
      return (await server.usage()).effects;
    },
  };
}

async function pay(connection: Connection, key: string): Promise<Answered> {
  const shot = heldPayment(key);
  const { answer, atMs } = await new Promise<{ answer: HttpAnswer; atMs: number }>((resolve) => {
    connection.send(shot.request, (received) => {
      resolve({ answer: received, atMs: monotonicMs() });
    });
  });
  shot.check(answer);
  return { key, atMs, text: dataOf(answer) };
}
