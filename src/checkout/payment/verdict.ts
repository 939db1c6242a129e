import type { Attempts } from '../attempts/attempt-log.js';
import type { Purchase } from '../attempts/attempt.js';

/** The attempts of a purchase, and their effect. */
export interface Verdict {
  readonly attempts: number;
  readonly keys: number;
  /** Undefined until the ledger has answered. */
  readonly payments: number | undefined;
}

/** Counts what belongs to a purchase. */
export function verdictOf({ id, payments }: Purchase, { attempts }: Attempts): Verdict {
  const own = attempts.filter(({ purchase }) => purchase === id);
  return { attempts: own.length, keys: new Set(own.map(({ key }) => key)).size, payments };
}

/** A count with its noun: "2 keys". */
export function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}
