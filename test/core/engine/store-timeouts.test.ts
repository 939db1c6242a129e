import { setImmediate as nextTurn } from 'node:timers/promises';

import { systemClock } from '../../../src/core/async/clock.js';
import { StoreTimeouts } from '../../../src/core/engine/store-timeouts.js';
import { TimeoutError } from '../../../src/core/async/timeout.js';
import { ManualClock } from '../../support/manual-clock.js';

describe('the time limit of calls to a store', () => {
  it('gives up a call that is not answered in time, and ignores what comes later', async () => {
    const clock = new ManualClock();
    const timeouts = new StoreTimeouts(clock, 100);
    const late = timeouts.limit(
      () =>
        new Promise((resolve) => {
          clock.schedule(101, () => {
            resolve('late');
          });
        }),
    );
    const refused = late.catch((error: unknown) => error);
    await clock.advance(200);
    expect(await refused).toBeInstanceOf(TimeoutError);
    expect(clock.pending).toBe(0);
  });

  it('gives up each call at its own time, with one timer', async () => {
    const clock = new ManualClock();
    const timeouts = new StoreTimeouts(clock, 100);
    const gaveUp: string[] = [];
    const call = (name: string): void => {
      timeouts.limit(() => new Promise(() => undefined)).catch(() => gaveUp.push(name));
    };
    call('first');
    await clock.advance(60);
    call('second');
    expect(clock.pending).toBe(1);
    await clock.advance(40);
    expect(gaveUp).toEqual(['first']);
    await clock.advance(60);
    expect(gaveUp).toEqual(['first', 'second']);
  });

  it('rejects with the error of a store that throws, and leaves nothing behind', async () => {
    const clock = new ManualClock();
    const timeouts = new StoreTimeouts(clock, 100);
    const broken = timeouts.limit(() => {
      throw new Error('not a promise');
    });
    await expect(broken).rejects.toThrow('not a promise');
    expect(clock.pending).toBe(0);
  });

  it('takes a reply that arrived while the process stood still', async () => {
    const timeouts = new StoreTimeouts(systemClock, 5);
    // From here, the timers of the next turn run before anything else.
    await nextTurn();
    const reply = timeouts.limit(() => nextTurn('arrived'));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    expect(await reply).toBe('arrived');
  });
});
