import { setImmediate } from 'node:timers/promises';
import type { IdempotencyStore } from '../../../src/index.js';
import type { NoteKind } from '../history.js';
import type { WorkerLine } from '../provider.js';
import { instructions, reach } from './instructions.js';

/** Options of a faulty store. */
export interface FaultyStoreOptions {
  readonly blockMs: number;
  /** Called when a step's result is in the store, and before a claim is given up. */
  readonly note: (kind: NoteKind, line: WorkerLine) => Promise<void>;
}

/** A store that passes every call on, with faults around the calls of a request. */
export function faultyStore(
  inner: IdempotencyStore,
  { blockMs, note }: FaultyStoreOptions,
): IdempotencyStore {
  return {
    name: inner.name,
    async begin(request) {
      await reach('before-begin', blockMs);
      const asked = inner.begin(request);
      await sent('begin-sent', asked);
      const reply = await asked;
      if (reply.kind === 'claimed') await reach('claimed', blockMs);
      return reply;
    },
    async complete(request) {
      await reach('before-complete', blockMs);
      const asked = inner.complete(request);
      await sent('complete-sent', asked);
      const reply = await asked;
      await reach('completed', blockMs);
      return reply;
    },
    async step(request) {
      const reply = await inner.step(request);
      const line = instructions.getStore()?.line;
      if (reply === 'recorded' && request.state === 'value' && line !== undefined) {
        await note('recorded', { ...line, step: request.name });
      }
      return reply;
    },
    peek: (request) => inner.peek(request),
    renew: (request) => inner.renew(request),
    async release(request) {
      const line = instructions.getStore()?.line;
      if (line !== undefined) await note('released', line);
      return inner.release(request);
    },
    watch: (recordId, onChange) => inner.watch(recordId, onChange),
    check: (timeoutMs) => inner.check(timeoutMs),
    ping: () => inner.ping(),
    close: () => inner.close(),
  };

  /** The command has left; nobody has looked at its reply yet. */
  async function sent(point: string, asked: Promise<unknown>): Promise<void> {
    if (instructions.getStore()?.fault?.point !== point) return;
    // A rejection while this waits is handled by the next `await` of `asked`.
    asked.catch(() => undefined);
    await setImmediate();
    await reach(point, blockMs);
  }
}
