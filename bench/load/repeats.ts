import type { HttpAnswer } from './connection.js';
import { runSlice, type Shot } from './slice.js';

let keys = 0;

/** A key that was never used before; all have the same length. */
export function freshKey(): string {
  keys += 1;
  const pid = String(process.pid).padStart(7, '0');
  return `order-${pid}-${String(keys).padStart(9, '0')}`;
}

/**
 * A request that was answered, sent again.
 *
 * @param isProtected - whether the answer must be the first one's
 */
export function again(shot: Shot, first: HttpAnswer, isProtected: boolean): Shot {
  if (!isProtected) return shot;
  const data = dataOf(first);
  return {
    request: shot.request,
    check(answer) {
      if (answer.status !== 200 || dataOf(answer) !== data) throw wrong(answer);
    },
  };
}

/** Sends so many new requests, and gives what sends each of them again. */
export async function sendOnce(
  { port, count, connections }: { port: number; count: number; connections: number },
  newShot: () => Shot,
  isProtected: boolean,
): Promise<Shot[]> {
  const sent: Shot[] = [];
  const shots = Array.from({ length: count }, () => {
    const shot = newShot();
    return {
      request: shot.request,
      check(answer: HttpAnswer) {
        shot.check(answer);
        sent.push(again(shot, answer, isProtected));
      },
    };
  });
  await sendAll(port, shots, connections);
  return sent;
}

/** Sends every shot once. */
export async function sendAll(
  port: number,
  shots: readonly Shot[],
  connections: number,
): Promise<void> {
  let index = 0;
  const next = (): Shot | undefined => shots[index++];
  const { requests } = await runSlice({ port, connections, next, durationMs: 60_000 });
  if (requests !== shots.length) throw new Error('Not every request was sent in time.');
}

/** The part of a body before `extensions`. */
export function dataOf({ body }: HttpAnswer): string {
  const end = body.lastIndexOf(',"extensions":');
  return end < 0 ? body.slice(0, body.lastIndexOf('}')) : body.slice(0, end);
}

/** What a field of an answer holds, and how many bytes it has as JSON. */
export function resultOf({ body }: HttpAnswer, field: string): { value: unknown; bytes: number } {
  const { data } = JSON.parse(body) as { readonly data: Readonly<Record<string, unknown>> };
  const value = data[field];
  return { value, bytes: Buffer.byteLength(JSON.stringify(value)) };
}

/** The error for an answer that is wrong. */
export function wrong({ status, body }: HttpAnswer): Error {
  return new Error(`A wrong answer: ${String(status)} ${body.slice(0, 400)}`);
}
