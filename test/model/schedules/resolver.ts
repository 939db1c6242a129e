import { sleep } from '../../../src/core/async/timeout.js';
import type { Execution } from '../../../src/core/engine/attempt/execution.js';
import type { EntryLine, RequestLine } from './ledger.js';
import { STORE_TIMEOUT_MS, type Ending, type KeyPlan } from './plan.js';
import type { Process } from './process.js';
import type { Simulation } from './simulation.js';
import type { Failure, Outcome } from '../../support/execute.js';

/** After its lease an owner that may be replaced notices within this, whatever the store does. */
const NOTICE_MS = 2 * STORE_TIMEOUT_MS;

/** The outcome of a resolver, or of `recover`, that says `text`. */
export function outcomeOf(text: string, { status }: KeyPlan): Outcome<string> {
  const payload = Buffer.from(status === 'unavailable' ? '' : text);
  return { kind: 'outcome', status, payload, answer: text };
}

/** The resolver of a mutation, as its request meets it: steps, an effect, and what is planned. */
export class Resolver {
  readonly #line: RequestLine;
  readonly #plan: KeyPlan;
  readonly #process: Process;
  readonly #simulation: Simulation;

  constructor(line: RequestLine, plan: KeyPlan, process: Process, simulation: Simulation) {
    this.#line = line;
    this.#plan = plan;
    this.#process = process;
    this.#simulation = simulation;
  }

  async run(execution: Execution): Promise<Outcome<string> | Failure> {
    const { ledger, healed } = this.#simulation;
    const { key, fingerprint } = this.#line.plan;
    const { fence } = execution;
    const entered = ledger.entries.filter((entry) => entry.key === key).length;
    const entry: EntryLine = {
      ...ledger.moment(),
      ...{ id: ledger.entries.length, key, fingerprint, process: this.#process.name },
      ...{ request: this.#line, fence, end: undefined },
    };
    ledger.entries.push(entry);
    const ending = healed ? 'outcome' : (this.#plan.endings[entered] ?? 'outcome');
    const declined = ending === 'declined';
    try {
      const text = await this.#resolve(execution, entry, ending);
      entry.end = { ...ledger.moment(), how: 'outcome', sealable: false };
      return outcomeOf(text, this.#plan);
    } catch (error) {
      const sealable = !declined;
      entry.end = { ...ledger.moment(), how: 'failure', sealable };
      return { kind: 'failure', error, declined };
    } finally {
      this.#checkSignal(execution);
    }
  }

  async #resolve(execution: Execution, entry: EntryLine, ending: Ending): Promise<string> {
    const { key, fingerprint } = this.#line.plan;
    const ofRequest = `for arguments ${fingerprint} of key ${key}`;
    await this.#process.takeTime('resolver begins');
    if (ending === 'declined') throw new Error('declined');
    if (ending === 'before the effect') throw new Error('failure');
    for (const [index, atMostOnce] of this.#plan.steps.entries()) {
      await this.#step(execution, `step ${index}`, atMostOnce);
    }
    if (!this.#simulation.healed) await sleep(this.#plan.workMs, this.#process.clock);
    const text = this.#simulation.provider.charge(key, execution.downstreamKey('charge'), {
      fingerprint,
      text: `payment ${entry.id} ${ofRequest}`,
    });
    await this.#process.takeTime('effect done');
    if (ending === 'after the effect') throw new Error('failure');
    return this.#plan.ownAnswers ? `entry ${entry.id} ${ofRequest}` : text;
  }

  async #step(execution: Execution, name: string, atMostOnce: boolean): Promise<void> {
    const { ledger, occurrences } = this.#simulation;
    const { key } = this.#line.plan;
    const own = { key, name, fence: execution.fence, process: this.#process.name };
    const value = await execution.step(
      name,
      async () => {
        ledger.stepRuns.push({ ...ledger.moment(), ...own, returned: false });
        await this.#process.takeTime(name);
        return valueOf(own);
      },
      { atMostOnce },
    );
    const run = ledger.stepRuns.find((line) => line.key === key && valueOf(line) === value);
    if (run === undefined) {
      ledger.violations.push(`${name} gave ${value}, which it never returned`);
      return;
    }
    run.returned = true;
    if (run.fence !== own.fence) occurrences.note('step recalled');
    const recorded = ledger.stepRecords.some((line) => line.key === key && line.name === name);
    const failed = ledger.events.some(
      (event) => event.key === key && event.type === 'storeFailure',
    );
    if (!recorded && !failed) ledger.violations.push(`${name} returned before it was recorded`);
  }

  /** Whoever was told that its claim is lost, or must have seen its lease end, has been aborted. */
  #checkSignal({ fence, signal }: Execution): void {
    const { ledger, clock } = this.#simulation;
    const { name, runningSinceMs, hasSlept } = this.#process;
    const replaceable = this.#plan.onCrash === 'RERUN' || this.#plan.recover !== undefined;
    const lapsedAtMs = Math.max(ledger.leaseEndsMs.get(fence) ?? 0, runningSinceMs);
    const mustKnow = replaceable && !hasSlept && clock.now() > lapsedAtMs + NOTICE_MS;
    if (signal.aborted || !(mustKnow || ledger.toldLost.has(fence))) return;
    ledger.violations.push(`${name}: an owner that was replaced was not aborted`);
  }
}

function valueOf({ name, fence }: { readonly name: string; readonly fence: number }): string {
  return `${name} of claim ${fence}`;
}
