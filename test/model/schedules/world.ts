import type { Scheduler } from 'fast-check';
import { ManualClock } from '../../support/manual-clock.js';
import type { Sightings } from '../../support/sightings.js';
import { Ledger } from './ledger.js';
import type { Fate, Plan } from './plan.js';
import { Provider } from './provider.js';

/** What everything in a history shares. */
export class World {
  readonly clock = new ManualClock();
  readonly ledger = new Ledger(() => this.clock.now());
  readonly scheduler: Scheduler;
  readonly plan: Plan;
  readonly sightings: Sightings;
  readonly provider = new Provider(this.ledger);
  /** Whether all goes well from now on. */
  healed = false;
  /** Whether all that is left to come is one retry after the other. */
  isOver = false;
  #questions = 0;

  constructor(plan: Plan, scheduler: Scheduler, sightings: Sightings) {
    this.plan = plan;
    this.scheduler = scheduler;
    this.sightings = sightings;
  }

  /** What becomes of the next question to the store. */
  nextFate(): Fate {
    this.#questions += 1;
    return this.healed ? 'fine' : (this.plan.fates[this.#questions - 1] ?? 'fine');
  }

  /** Resolves when the scheduler lets it; at once when nobody is left whose order could matter. */
  async travel(what: string): Promise<void> {
    if (this.isOver) return;
    await this.scheduler.schedule(Promise.resolve(), what);
  }
}
