import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../fault.js';
import type { WorkerLine } from '../provider.js';
import { tell } from './tell.js';

/** The driver's instructions for one request. */
export interface Instructions {
  fault: Fault | undefined;
  /** The duration of the effect, in milliseconds. */
  readonly delayMs: number;
  /** The execution of the request, once its resolver has been entered. */
  line: WorkerLine | undefined;
}

/** The instructions of the request whose code is running. */
export const instructions = new AsyncLocalStorage<Instructions>();

let pausing = false;

/** Carries out the request's fault if it is meant for this point. A fault happens once. */
export async function reach(point: string, blockMs: number): Promise<void> {
  const current = instructions.getStore();
  const fault = current?.fault;
  if (current === undefined || fault?.point !== point) return;
  current.fault = undefined;
  const { action } = fault;
  switch (action) {
    case 'kill':
      process.kill(process.pid, 'SIGKILL');
      await sleep(60_000);
      return;
    case 'stop':
    case 'collapse':
      // One pause at a time: each is ended by one SIGCONT, which must not come before it.
      if (pausing) return;
      pausing = true;
      // The driver has to know before: a stopped process sends nothing.
      await tell({ type: 'fault', action, point });
      process.kill(process.pid, 'SIGSTOP');
      await setImmediate();
      pausing = false;
      if (action === 'collapse') throw new Error('The worker was told to fail.');
      return;
    case 'fail':
      await tell({ type: 'fault', action, point });
      throw new Error('The worker was told to fail.');
    case 'block':
      await tell({ type: 'fault', action, point });
      // Blocks the event loop as a long computation would, but leaves the processor to others.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs);
      return;
    default:
      action satisfies never;
  }
}
