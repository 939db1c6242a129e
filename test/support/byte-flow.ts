import type { Socket } from 'node:net';

/** A piece to be passed on: bytes, or the end of the stream. */
interface Piece {
  readonly bytes: Uint8Array | 'end';
  readonly cameAt: number;
  readonly delayMs: number;
}

/** One direction of a connection: passes bytes on in their order, later or not at all. */
export class ByteFlow {
  readonly #target: Socket;
  readonly #delayMs: () => number;
  readonly #pieces: Piece[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param delayMs - how late everything is now; Infinity holds it. {@link check} after a change */
  constructor(target: Socket, delayMs: () => number) {
    this.#target = target;
    this.#delayMs = delayMs;
  }

  /** Passes bytes on in their turn, at least `delayMs` from now. */
  push(bytes: Uint8Array | 'end', delayMs = 0): void {
    this.#pieces.push({ bytes, cameAt: performance.now(), delayMs });
    this.check();
  }

  /** Passes on what is due, and looks again when the next is. */
  check(): void {
    clearTimeout(this.#timer);
    for (;;) {
      const next = this.#pieces[0];
      if (next === undefined) return;
      const dueAt = next.cameAt + Math.max(next.delayMs, this.#delayMs());
      const remainingMs = dueAt - performance.now();
      if (remainingMs > 0) {
        if (remainingMs === Infinity) return;
        this.#timer = setTimeout(() => {
          this.check();
        }, Math.ceil(remainingMs));
        return;
      }
      this.#pieces.shift();
      if (next.bytes === 'end') this.#target.end();
      else this.#target.write(next.bytes);
    }
  }

  /** Forgets what has not been passed on. */
  close(): void {
    clearTimeout(this.#timer);
    this.#pieces.length = 0;
  }
}
