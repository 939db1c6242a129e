import { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../../src/index.js';

/** A clock that stands still until it is told to move. */
export class ManualClock implements Clock {
  #now = 1_000;
  #nextId = 0;
  readonly #timers = new Map<number, { readonly at: number; readonly callback: () => void }>();

  now(): number {
    return this.#now;
  }

  wallMs(): number {
    return Date.UTC(2030, 0, 1) + this.#now;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const id = (this.#nextId += 1);
    // As timers do, it calls back in the context in which it was set.
    this.#timers.set(id, { at: this.#now + delayMs, callback: AsyncResource.bind(callback) });
    return () => {
      this.#timers.delete(id);
    };
  }

  /** Moves time on without running what falls due, as a process does that stands still. */
  stall(ms: number): void {
    this.#now += ms;
  }

  /** The number of timers that are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves time on, running what falls due in order and letting promises settle in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end);
      due.sort(([idA, a], [idB, b]) => a.at - b.at || idA - idB);
      const first = due[0];
      if (first === undefined) break;
      const [id, { at, callback }] = first;
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, at);
      callback();
      await settle();
    }
    this.#now = end;
  }
}

/** Lets everything that is ready to go on do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
