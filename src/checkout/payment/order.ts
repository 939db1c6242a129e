import { parseEuros } from './money.js';
import { openStorage, type PageStorage } from '../page-storage.js';

/** The content of the form. */
export interface Order {
  /** As it was typed, in euros. */
  readonly amount: string;
  readonly reference: string;
}

/** The parsed order. */
export interface ParsedOrder {
  /** In cents, above 0; undefined if that is not what was typed. */
  readonly amount: number | undefined;
  readonly reference: string | null;
}

/** The order that the page opens with. */
export const FIRST_ORDER: Order = { amount: '12.50', reference: 'Two coffees' };

/** The server takes no longer one. */
export const REFERENCE_LENGTH_MAX = 140;

/** Reads what was typed. */
export function parseOrder({ amount, reference }: Order): ParsedOrder {
  return { amount: parseEuros(amount), reference: reference.trim() || null };
}

/** Keeps what was typed over a reload: the same values are the same intent. */
export function orderStorage(): PageStorage<Order> {
  return openStorage('checkout:order', (json) => {
    const { amount, reference } = json as Partial<Order>;
    return typeof amount === 'string' && typeof reference === 'string'
      ? { amount, reference }
      : undefined;
  });
}
