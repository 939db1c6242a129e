import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below what Linux and macOS hand out to outgoing connections: a client that keeps on dialling a
 * server that is down would otherwise take its port now and then, or even connect to itself. A
 * cluster node also listens 10 000 above its port, and that is below it, too.
 */
const PORT_MIN = 10_000;
const PORT_MAX = 22_767;
const TRIES = 100;

/** A port that nobody listens on right now. Who starts something on it must be ready to lose it. */
export async function freePort(): Promise<number> {
  for (let tryNumber = 1; tryNumber <= TRIES; tryNumber += 1) {
    const port = randomInt(PORT_MIN, PORT_MAX + 1);
    if (await isFree(port)) return port;
  }
  throw new Error('No port is free.');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
