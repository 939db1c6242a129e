import { Transactions } from '../database/transactions.js';
import type { Claim } from './attempt/claim.js';
import { Steps } from './attempt/steps.js';

/** The parts of a resolver that each run once: its steps and its transactions. */
export class Units {
  readonly #claim: Claim;
  #steps: Steps | undefined;
  #transactions: Transactions | undefined;
  #hasEnded = false;

  constructor(claim: Claim) {
    this.#claim = claim;
  }

  /** The resolver's steps. */
  get steps(): Steps {
    if (this.#steps === undefined) {
      this.#steps = new Steps(this.#claim);
      if (this.#hasEnded) this.#steps.end();
    }
    return this.#steps;
  }

  /** The resolver's transactions. */
  get transactions(): Transactions {
    if (this.#transactions === undefined) {
      const { context, request, begin, granted, lease } = this.#claim;
      const { clock, cipher, events } = context;
      const { operation, recordId, fingerprint, stepCodec: codec, policy } = request;
      const { waitMs, leaseMs, ttlMs } = policy;
      const { fence, attempt } = granted;
      this.#transactions = new Transactions({
        ...{ operation, recordId, fingerprint, owner: begin.owner, fence, attempt },
        ...{ waitMs, leaseMs, ttlMs, lease, codec, cipher, clock, events },
        random: Math.random,
      });
      if (this.#hasEnded) this.#transactions.end();
    }
    return this.#transactions;
  }

  /** Prepares for another run of the resolver under the same claim, with the same names. */
  again(): void {
    this.#steps?.again();
    this.#transactions?.again();
  }

  /** Stops new steps and transactions from starting. */
  end(): void {
    this.#hasEnded = true;
    this.#steps?.end();
    this.#transactions?.end();
  }

  /** Resolves when no step is running. */
  async idle(): Promise<void> {
    await this.#steps?.idle();
  }

  /** Resolves when all recorded values are stored or given up. */
  async settled(): Promise<void> {
    await this.#steps?.settled();
  }
}
