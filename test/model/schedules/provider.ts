import type { Ledger } from './ledger.js';

/** What the provider says to a key that it has seen with other arguments. */
export const OTHER_ARGUMENTS = 'The provider knows this key with other arguments.';

interface Payment {
  readonly fingerprint: number;
  readonly text: string;
}

/** A payment provider: it does for a key once what it is asked, and answers alike ever after. */
export class Provider {
  readonly #ledger: Ledger;
  readonly #payments = new Map<string, Payment>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** @throws Error when the key was used with other arguments */
  charge(key: number, downstreamKey: string, payment: Payment): string {
    this.#ledger.effects.push({ ...this.#ledger.moment(), key, downstreamKey });
    const found = this.find(downstreamKey, payment.fingerprint);
    if (found !== undefined) return found;
    this.#payments.set(downstreamKey, payment);
    return payment.text;
  }

  /** @throws Error when the key was used with other arguments */
  find(downstreamKey: string, fingerprint: number): string | undefined {
    const payment = this.#payments.get(downstreamKey);
    if (payment === undefined) return undefined;
    if (payment.fingerprint !== fingerprint) throw new Error(OTHER_ARGUMENTS);
    return payment.text;
  }
}
