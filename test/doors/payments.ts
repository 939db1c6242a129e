import { GraphQLError } from 'graphql';

export interface Payment {
  readonly kind: 'Payment';
  readonly id: string;
  readonly amount: number;
  readonly at: Date;
}

export interface Declined {
  readonly kind: 'Declined';
  readonly reason: string;
}

/** The answer of `pay`: a payment for every amount up to 100. */
export type Result = Payment | Declined;

/** The amounts that make `pay` do something else than pay. */
export const AMOUNTS = { blocked: 13, slow: 50, limit: 100 } as const;

/** The effects that a schema of these tests has, and what decides about them. */
export class Payments {
  readonly effects: number[] = [];
  /** Callers that the guard turns away. */
  readonly locked = new Set<string>();
  /** Whether the resolver refuses its input. */
  refusesInput = false;
  /** Ends the slow payments. */
  endSlow: () => void = () => undefined;
  #slow!: Promise<void>;

  constructor() {
    this.reset();
  }

  /** Forgets everything, for the next test of the same server. */
  reset(): void {
    this.effects.length = 0;
    this.locked.clear();
    this.refusesInput = false;
    this.#slow = new Promise<void>((resolve) => {
      this.endSlow = resolve;
    });
  }

  /** The guard in front of `pay`. */
  admits(user: string): boolean {
    return !this.locked.has(user);
  }

  async pay(amount: number): Promise<Result> {
    if (this.refusesInput) {
      throw new GraphQLError('No such account.', { extensions: { code: 'BAD_USER_INPUT' } });
    }
    this.effects.push(amount);
    if (amount === AMOUNTS.slow) await this.#slow;
    if (amount === AMOUNTS.blocked) {
      throw new GraphQLError('The card is blocked.', { extensions: { code: 'CARD_BLOCKED' } });
    }
    if (amount > AMOUNTS.limit) return { kind: 'Declined', reason: 'TOO_MUCH' };
    const id = `p${String(this.effects.length)}`;
    return { kind: 'Payment', id, amount, at: new Date(Date.UTC(2030, 0, 1)) };
  }
}
