import type { Clock } from '../../../src/index.js';
import type { Simulation } from './simulation.js';

/** A process: it can stand still, and it can die. What it waits for then comes later, or never. */
export class Process {
  readonly name: string;
  readonly #simulation: Simulation;
  #state: 'running' | 'paused' | 'asleep' | 'dead' = 'running';
  #stoppedAt = 0;
  /** For how long its clock has stood still. */
  #sleptMs = 0;
  #runningSinceMs = 0;
  #timers = 0;
  #resumed: Promise<void> = Promise.resolve();
  #resume: () => void = () => undefined;

  constructor(name: string, simulation: Simulation) {
    this.name = name;
    this.#simulation = simulation;
  }

  /** The process's own clock and timers. */
  readonly clock: Clock = {
    now: () => {
      const now = this.#state === 'asleep' ? this.#stoppedAt : this.#simulation.clock.now();
      return now - this.#sleptMs;
    },
    wallMs: () => this.#simulation.clock.wallMs(),
    schedule: (delayMs, callback) => {
      const dueAt = this.clock.now() + delayMs;
      let cancel: (() => void) | undefined;
      const unset = (): void => {
        if (cancel !== undefined) this.#timers -= 1;
        cancel?.();
        cancel = undefined;
      };
      const set = (ms: number): void => {
        cancel = this.#simulation.clock.schedule(ms, () => {
          void this.running().then(() => {
            if (cancel === undefined) return;
            // The clock may have stood still meanwhile.
            const leftMs = dueAt - this.clock.now();
            if (leftMs > 0) {
              set(leftMs);
              return;
            }
            unset();
            callback();
          });
        });
      };
      this.#timers += 1;
      set(delayMs);
      return unset;
    },
  };

  /** How many timers are set. */
  get timers(): number {
    return this.#timers;
  }

  /** When it went on after it last stood still. */
  get runningSinceMs(): number {
    return this.#runningSinceMs;
  }

  /** Whether its clock ever stood still. */
  get hasSlept(): boolean {
    return this.#sleptMs > 0;
  }

  get alive(): boolean {
    return this.#state !== 'dead';
  }

  /** Resolves at once if the process runs, when it goes on if it stands still, never if it is dead. */
  async running(): Promise<void> {
    while (this.#state !== 'running') {
      await (this.#state === 'dead' ? new Promise<void>(() => undefined) : this.#resumed);
    }
  }

  /** `asleep`: its clock stands still too, as that of a suspended machine does. */
  pause(asleep: boolean): void {
    if (this.#state !== 'running') return;
    this.#state = asleep ? 'asleep' : 'paused';
    this.#stoppedAt = this.#simulation.clock.now();
    this.#resumed = new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  resume(): void {
    if (this.#state !== 'paused' && this.#state !== 'asleep') return;
    const { pausedMs } = this.#simulation.ledger;
    const lastedMs = this.#simulation.clock.now() - this.#stoppedAt;
    pausedMs.set(this.name, (pausedMs.get(this.name) ?? 0) + lastedMs);
    if (this.#state === 'asleep') this.#sleptMs += lastedMs;
    this.#runningSinceMs = this.#simulation.clock.now();
    this.#state = 'running';
    this.#resume();
  }

  die(): void {
    this.#state = 'dead';
    this.#simulation.ledger.dead.add(this.name);
  }

  /** Goes on when the scheduler says so: something takes its time. */
  async takeTime(what: string): Promise<void> {
    await this.#simulation.travel(`${this.name}: ${what}`);
    await this.running();
  }
}
