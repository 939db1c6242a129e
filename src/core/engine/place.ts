import type { IdempotencyError } from '../errors.js';
import type { StoredOutcome } from '../record/record.js';
import type { BeginRequest } from '../record/store.js';
import type { Flight } from './single-flight.js';

/** Claims of this process that nobody can take over, by record. */
export type HeldClaims = Map<string, BeginRequest>;

/** The place of an attempt among the requests of its engine: what others are told of it. */
export class Place {
  /** Until when its request waits for another one, in the local clock. */
  readonly waitUntil: number;
  readonly #begin: BeginRequest;
  readonly #flight: Flight;
  readonly #held: HeldClaims;
  readonly #onEnd: () => void;
  #isOpen = false;

  constructor(
    begin: BeginRequest,
    flight: Flight,
    held: HeldClaims,
    waitUntil: number,
    onEnd: () => void,
  ) {
    this.#begin = begin;
    this.#flight = flight;
    this.#held = held;
    this.waitUntil = waitUntil;
    this.#onEnd = onEnd;
    if (begin.onLapse === 'reject') held.set(begin.recordId, begin);
  }

  /** The claim is about to be given up: from now on others may claim the record, and end it. */
  open(): void {
    // A release that is repeated comes here again, when others have the flight.
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#letGo();
    this.#flight.ask();
  }

  /** The record has an outcome: duplicates in this process get it. */
  settle(outcome: StoredOutcome): void {
    this.#flight.settle({ kind: 'completed', outcome, waited: true });
  }

  /** Refuses the request, and the duplicates that had come when the claim was given up. */
  refuse(refusal: () => IdempotencyError): IdempotencyError {
    return this.#flight.refuse(refusal);
  }

  /** The attempt has ended. */
  end(): void {
    this.#isOpen = true;
    this.#letGo();
    this.#flight.leave();
    this.#onEnd();
  }

  #letGo(): void {
    const { recordId } = this.#begin;
    if (this.#held.get(recordId) === this.#begin) this.#held.delete(recordId);
  }
}
