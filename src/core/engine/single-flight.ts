import type { Clock } from '../async/clock.js';
import type { IdempotencyError } from '../errors.js';
import type { StoredOutcome } from '../record/record.js';

/** The result that a duplicate gets from the request that it joined. */
export type FlightResult =
  /** `waited`: the execution ended during the flight, not before. `stored`: the store has the outcome. */
  | {
      readonly kind: 'completed';
      readonly outcome: StoredOutcome;
      readonly waited: boolean;
      readonly stored: boolean;
    }
  /** `refusal` creates an error for each duplicate. */
  | { readonly kind: 'refused'; readonly refusal: () => IdempotencyError }
  /**
   * The leader left without a result for this duplicate, which now calls the store for the remaining
   * ones. `waited`: another request was running.
   */
  | { readonly kind: 'lead'; readonly waited: boolean };

interface Duplicate {
  readonly waitUntil: number;
  readonly resolve: (result: FlightResult | undefined) => void;
  /** True if it joined before the call to the store. */
  isEarly: boolean;
  cancelTimer: (() => void) | undefined;
}

/**
 * The requests of one process that are in flight, by record and fingerprint.
 *
 * Invariant: each flight has one leader, which calls the store, and runs or waits, for all of them. So
 * duplicates in a process cost the store nothing while the first of them is in flight.
 */
export class SingleFlight {
  readonly #clock: Clock;
  /** The latest flight of each record, which links to those with other fingerprints. */
  readonly #flights = new Map<string, Flight>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The flight of a request, if one is open; or a flight with another fingerprint, if nobody can take
   * the record from its leader.
   */
  find(recordId: string, fingerprint: string): Flight | undefined {
    let found: Flight | undefined;
    for (let flight = this.#flights.get(recordId); flight !== undefined; flight = flight.next) {
      if (flight.isHeld) return flight;
      if (flight.fingerprint === fingerprint) found = flight;
    }
    return found;
  }

  /** Opens a flight whose leader is the caller. */
  open(recordId: string, fingerprint: string): Flight {
    const next = this.#flights.get(recordId);
    const flight = new Flight(this.#clock, this.#flights, recordId, fingerprint, next);
    this.#flights.set(recordId, flight);
    return flight;
  }
}

/** A leader and the duplicates that wait for it. */
export class Flight {
  readonly fingerprint: string;
  /** Another flight of the same record: its requests have another fingerprint. */
  next: Flight | undefined;
  /** True if the leader has a claim that nobody can take over. */
  isHeld = false;
  readonly #clock: Clock;
  readonly #flights: Map<string, Flight>;
  readonly #recordId: string;
  #duplicates: Set<Duplicate> | undefined;
  #state: 'asking' | 'running' | 'settled' = 'asking';

  constructor(
    clock: Clock,
    flights: Map<string, Flight>,
    recordId: string,
    fingerprint: string,
    next: Flight | undefined,
  ) {
    this.#clock = clock;
    this.#flights = flights;
    this.#recordId = recordId;
    this.fingerprint = fingerprint;
    this.next = next;
  }

  /** The leader's result, or `undefined` if the execution is still running at `waitUntil`. */
  join(waitUntil: number): Promise<FlightResult | undefined> {
    return new Promise((resolve) => {
      const duplicate: Duplicate = { waitUntil, resolve, isEarly: false, cancelTimer: undefined };
      (this.#duplicates ??= new Set()).add(duplicate);
      // Until the store has answered, which is soon, there may be nothing to wait for.
      if (this.#state === 'running') this.#limit(duplicate);
    });
  }

  /** Marks the leader's call to the store: a refusal will apply to all who have joined so far. */
  ask(): void {
    this.#state = 'asking';
    if (this.#duplicates === undefined) return;
    for (const duplicate of this.#duplicates) duplicate.isEarly = true;
  }

  /** Marks that the record has an owner: from now on each duplicate waits for at most its own `waitMs`. */
  run(): void {
    if (this.#state !== 'asking') return;
    this.#state = 'running';
    if (this.#duplicates === undefined) return;
    for (const duplicate of this.#duplicates) this.#limit(duplicate);
  }

  /** Ends the flight with a result for everyone. Later calls are ignored. */
  settle(result: FlightResult): void {
    if (this.#state === 'settled') return;
    this.#close();
    if (this.#duplicates === undefined) return;
    for (const duplicate of this.#duplicates) notify(duplicate, result);
  }

  /**
   * Rejects the requests that joined before the call to the store. Invariant: no request is rejected
   * because of an older reply, since the record may have got an outcome in between.
   */
  refuse(refusal: () => IdempotencyError): IdempotencyError {
    if (this.#state !== 'settled' && this.#duplicates !== undefined) {
      for (const duplicate of this.#duplicates) {
        if (!duplicate.isEarly) continue;
        this.#duplicates.delete(duplicate);
        notify(duplicate, { kind: 'refused', refusal });
      }
    }
    return refusal();
  }

  /** Ends the lead without a result: the request that has waited longest leads from now on. */
  leave(): void {
    if (this.#state === 'settled') return;
    const waited = this.#state === 'running';
    const [next] = this.#duplicates ?? [];
    if (next === undefined) {
      this.#close();
      return;
    }
    this.#duplicates?.delete(next);
    this.#state = 'asking';
    notify(next, { kind: 'lead', waited });
  }

  #close(): void {
    this.#state = 'settled';
    const first = this.#flights.get(this.#recordId);
    if (first === this) {
      if (this.next === undefined) this.#flights.delete(this.#recordId);
      else this.#flights.set(this.#recordId, this.next);
      return;
    }
    for (let before = first; before !== undefined; before = before.next) {
      if (before.next === this) before.next = this.next;
    }
  }

  #limit(duplicate: Duplicate): void {
    if (duplicate.cancelTimer !== undefined) return;
    const giveUp = (): void => {
      this.#duplicates?.delete(duplicate);
      duplicate.resolve(undefined);
    };
    const remainingMs = duplicate.waitUntil - this.#clock.now();
    if (remainingMs <= 0) giveUp();
    else duplicate.cancelTimer = this.#clock.schedule(remainingMs, giveUp);
  }
}

function notify(duplicate: Duplicate, result: FlightResult): void {
  duplicate.cancelTimer?.();
  duplicate.resolve(result);
}
