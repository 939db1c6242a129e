import { openConnection, type Connection, type HttpAnswer } from './connection.js';

/** One request, and how its answer is held against what it must be. */
export interface Shot {
  readonly request: Buffer;
  /** @throws Error when the answer is wrong */
  check(answer: HttpAnswer): void;
}

/** A stretch of load. */
export interface Load {
  readonly port: number;
  readonly connections: number;
  /** Gives the next request, or `undefined` when there shall be no more. */
  readonly next: () => Shot | undefined;
  readonly durationMs: number;
}

/** What came of it. */
export interface Slice {
  readonly requests: number;
  readonly seconds: number;
  /** Of each request, in microseconds, sorted. */
  readonly latenciesUs: Float64Array;
}

/**
 * Sends one request after the other on each of its connections, and checks every answer.
 *
 * @throws Error at the first wrong answer and the first broken connection
 */
export async function runSlice({ port, connections, next, durationMs }: Load): Promise<Slice> {
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => undefined);
  // Opened anew each time: servers close connections that were quiet for seconds.
  const opened = await Promise.all(
    Array.from({ length: connections }, () =>
      openConnection(port, (error) => {
        fail(error);
      }),
    ),
  );
  try {
    return await Promise.race([shootUntil(opened, next, durationMs, fail), failed]);
  } finally {
    for (const connection of opened) connection.close();
  }
}

function shootUntil(
  connections: readonly Connection[],
  next: () => Shot | undefined,
  durationMs: number,
  fail: (error: Error) => void,
): Promise<Slice> {
  return new Promise((resolve) => {
    const latencies: number[] = [];
    const startedAt = performance.now();
    const endAt = startedAt + durationMs;
    let busy = connections.length;

    function shoot(connection: Connection, sentAt: number): void {
      const shot = sentAt < endAt ? next() : undefined;
      if (shot === undefined) {
        busy -= 1;
        if (busy === 0) finish();
        return;
      }
      connection.send(shot.request, (answer) => {
        const now = performance.now();
        latencies.push((now - sentAt) * 1_000);
        try {
          shot.check(answer);
        } catch (error) {
          fail(error as Error);
          return;
        }
        shoot(connection, performance.now());
      });
    }

    function finish(): void {
      const seconds = (performance.now() - startedAt) / 1_000;
      const latenciesUs = Float64Array.from(latencies).sort();
      resolve({ requests: latencies.length, seconds, latenciesUs });
    }

    for (const connection of connections) shoot(connection, performance.now());
  });
}
