import type { Attempt, AttemptState, Purchase } from './attempt.js';
import { createAtom, type Atom } from '../atom.js';
import type { LedgerState } from '../payment/ledger.js';
import type { PageStorage } from '../page-storage.js';

/** The attempts, and the purchases that they are for. */
export interface Attempts {
  /** The oldest first. */
  readonly attempts: readonly Attempt[];
  /** Those that have an attempt, the oldest first. */
  readonly purchases: readonly Purchase[];
}

/** Remembers the last 100 attempts. */
export interface AttemptLog {
  readonly atom: Atom<Attempts>;
  /** Notes that a request goes out. Returns its id. */
  sent(order: Pick<Purchase, 'id' | 'amount' | 'reference'>, key: string): number;
  ended(id: number, end: AttemptEnd): void;
  /** Whether a request with this key is in flight. */
  isSending(key: string): boolean;
  /** Notes that an attempt will be repeated. */
  repeats(id: number, afterMs: number): void;
  /** Notes that the oldest refused attempt for a purchase that nobody repeats yet will be. */
  repeatsRefused(purchase: string, afterMs: number): void;
  /** Counts the payments that the newest purchase has led to. */
  ledgerRead(ledger: LedgerState): void;
}

/** The end of an attempt. */
export type AttemptEnd = Pick<Attempt, 'code' | 'waited' | 'unstored'> & {
  readonly state: Exclude<AttemptState, 'sent' | 'left'>;
};

/** More are forgotten, the oldest first. */
const ATTEMPTS_MAX = 100;

/** Creates a log that goes on with what the storage holds. */
export function createAttemptLog(storage: PageStorage<Attempts>): AttemptLog {
  const atom = createAtom(abandoned(storage.read() ?? { attempts: [], purchases: [] }));
  let newest: string | null | undefined;

  function set(attempts: readonly Attempt[], purchases: readonly Purchase[]): void {
    const kept = attempts.slice(-ATTEMPTS_MAX);
    const used = new Set(kept.map(({ purchase }) => purchase));
    const state = { attempts: kept, purchases: purchases.filter(({ id }) => used.has(id)) };
    atom.set(state);
    storage.write(state);
  }

  function change(id: number, how: (attempt: Attempt) => Partial<Attempt>): void {
    const { attempts, purchases } = atom.get();
    set(
      attempts.map((attempt) => (attempt.id === id ? { ...attempt, ...how(attempt) } : attempt)),
      purchases,
    );
  }

  return {
    atom,
    sent(order, key) {
      const { attempts, purchases } = atom.get();
      const isKnown = purchases.some(({ id }) => id === order.id);
      const purchase = { ...order, newestBefore: newest, payments: undefined };
      const attempt: Attempt = {
        id: (attempts.at(-1)?.id ?? 0) + 1,
        purchase: order.id,
        key,
        keyNumber: keyNumber(attempts, key),
        sentAtMs: Date.now(),
        state: 'sent',
      };
      set([...attempts, attempt], isKnown ? purchases : [...purchases, purchase]);
      return attempt.id;
    },
    ended(id, end) {
      change(id, ({ sentAtMs }) => ({ ...end, tookMs: Math.max(0, Date.now() - sentAtMs) }));
    },
    isSending(key) {
      return atom.get().attempts.some((attempt) => attempt.key === key && attempt.state === 'sent');
    },
    repeats(id, retryInMs) {
      change(id, () => ({ retryInMs }));
    },
    repeatsRefused(purchase, retryInMs) {
      const refused = atom
        .get()
        .attempts.find(
          (attempt) =>
            attempt.purchase === purchase &&
            attempt.state === 'rejected' &&
            attempt.retryInMs === undefined,
        );
      if (refused !== undefined) change(refused.id, () => ({ retryInMs }));
    },
    ledgerRead(ledger) {
      newest = ledger.payments[0]?.id ?? null;
      const { attempts, purchases } = atom.get();
      const last = purchases.at(-1);
      if (last?.newestBefore === undefined) return;
      const counted = { ...last, payments: paymentsFor(last, ledger) };
      set(attempts, [...purchases.slice(0, -1), counted]);
    },
  };
}

/** Those that came after the purchase began and look like it. */
function paymentsFor(purchase: Purchase, { payments }: LedgerState): number {
  const old = payments.findIndex(({ id }) => id === purchase.newestBefore);
  return payments
    .slice(0, old === -1 ? undefined : old)
    .filter((payment) => payment.amount === purchase.amount)
    .filter((payment) => payment.reference === purchase.reference).length;
}

function keyNumber(attempts: readonly Attempt[], key: string): number {
  const same = attempts.find((attempt) => attempt.key === key);
  return same?.keyNumber ?? Math.max(-1, ...attempts.map((attempt) => attempt.keyNumber)) + 1;
}

/** A reload does not wait for answers. */
function abandoned({ attempts, purchases }: Attempts): Attempts {
  return {
    attempts: attempts.map((attempt) =>
      attempt.state === 'sent' ? { ...attempt, state: 'left' } : attempt,
    ),
    purchases,
  };
}
