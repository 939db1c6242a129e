import { setImmediate as turn } from 'node:timers/promises';
import { sleep } from '../../../src/core/async/timeout.js';
import type { IdempotencyStore } from '../../../src/index.js';
import { STORE_TIMEOUT_MS, type Question } from './plan.js';
import type { Process } from './process.js';
import type { Simulation } from './simulation.js';

/** Later than anybody waits for an answer. */
const LATE_MS = 1_500;

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/**
 * A store at the other end of a network: every question and every reply travels for as long as the
 * scheduler likes, and its fate is the plan's.
 *
 * @param keepsDeadlines - whether a claim or a mark that arrives too late is refused, as the contract
 * demands; the store behind it answers at once and never has to
 */
export function unreliable(
  store: IdempotencyStore,
  process: Process,
  simulation: Simulation,
  keepsDeadlines: boolean,
): IdempotencyStore {
  async function ask<T>(
    question: Question,
    act: () => Promise<T>,
    options: { readonly name?: string; readonly timeoutMs?: number } = {},
  ): Promise<T> {
    const { name = question, timeoutMs = Infinity } = options;
    const fate = simulation.nextFate(question);
    const what = `${process.name}: ${name}`;
    const sentAtMs = simulation.clock.now();
    if (fate === 'does not arrive') return never();
    if (fate.startsWith('comes late')) await sleep(LATE_MS, simulation.clock);
    await simulation.travel(`${what} on its way, ${fate}`);
    if (fate !== 'refused') {
      // At the very moment the caller may have given up already.
      if (keepsDeadlines && simulation.clock.now() - sentAtMs >= timeoutMs) {
        simulation.occurrences.note(`${name} came too late`);
        await process.takeTime(`${name} refused as late`);
        throw new Error('It came after its deadline.');
      }
      const first = await act();
      if (fate === 'sent twice') await simulation.travel(`${what} on its way again`);
      const mayRepeat = !keepsDeadlines || simulation.clock.now() - sentAtMs < timeoutMs;
      const reply = fate === 'sent twice' && mayRepeat ? await act() : first;
      if (fate.endsWith('unanswered')) return never();
      await process.takeTime(`${name} answered`);
      if (fate !== 'reply breaks') return reply;
    } else {
      await process.takeTime(`${name} refused`);
    }
    throw new Error('The store is away.');
  }

  /** An owner is told that its claim is lost, in time to take note of it. */
  function hear({ owner }: { owner: string }, reply: string, sentAtMs: number): void {
    if (reply !== 'lost' || process.clock.now() - sentAtMs >= STORE_TIMEOUT_MS) return;
    const claim = simulation.ledger.claims.find((line) => line.owner === owner);
    if (claim === undefined) return;
    // What happens at this very moment, it may do without having taken note.
    void turn().then(() => simulation.ledger.toldLost.add(claim.fence));
  }

  return {
    name: 'unreliable',
    begin: (request) => ask('begin', () => store.begin(request), { timeoutMs: request.timeoutMs }),
    peek: (request) => ask('peek', () => store.peek(request)),
    complete: (request) => ask('complete', () => store.complete(request)),
    async renew(request) {
      const sentAtMs = process.clock.now();
      const reply = await ask('renew', () => store.renew(request));
      hear(request, reply, sentAtMs);
      return reply;
    },
    async step(request) {
      const sentAtMs = process.clock.now();
      const timeoutMs = request.state === 'started' ? request.timeoutMs : Infinity;
      const name = `step ${request.state}`;
      const reply = await ask('step', () => store.step(request), { name, timeoutMs });
      hear(request, reply, sentAtMs);
      return reply;
    },
    release: (request) =>
      ask('release', () => store.release(request), { name: `release ${request.mode}` }),
    watch: (recordId, onChange) =>
      ask('watch', () =>
        store.watch(recordId, () => {
          // A message may be lost; one that is not takes its time.
          if (simulation.nextFate('message') !== 'fine') return;
          void process.takeTime('message').then(onChange);
        }),
      ),
    ping: () => store.ping(),
    check: (timeoutMs) => store.check(timeoutMs),
    close: () => store.close(),
  };
}
