import type { Scheduler } from 'fast-check';
import { ManualClock } from '../../support/manual-clock.js';
import type { Occurrences } from '../../support/occurrences.js';
import { Ledger } from './ledger.js';
import type { Fate, Plan, Question } from './plan.js';
import { Provider } from './provider.js';

/** The state that everything in a history shares. */
export class Simulation {
  readonly clock = new ManualClock();
  readonly ledger = new Ledger(() => this.clock.now());
  readonly scheduler: Scheduler;
  readonly plan: Plan;
  readonly occurrences: Occurrences;
  readonly provider = new Provider(this.ledger);
  /** Whether all goes well from now on. */
  healed = false;
  /** Whether all that is left to come is one retry after the other. */
  isSequential = false;
  readonly #asked = new Map<Question, number>();

  constructor(plan: Plan, scheduler: Scheduler, occurrences: Occurrences) {
    this.plan = plan;
    this.scheduler = scheduler;
    this.occurrences = occurrences;
  }

  /** The fate of the next call of this kind. */
  nextFate(question: Question): Fate {
    const index = this.#asked.get(question) ?? 0;
    this.#asked.set(question, index + 1);
    return this.healed ? 'fine' : (this.plan.fates[question][index] ?? 'fine');
  }

  /** Resolves when the scheduler lets it; at once when nobody is left whose order could matter. */
  async travel(what: string): Promise<void> {
    if (this.isSequential) return;
    await this.scheduler.schedule(Promise.resolve(), what);
  }
}
