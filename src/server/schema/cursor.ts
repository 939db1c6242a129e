import { badUserInput } from './ledger-errors.js';

/** The end of a page, in a form that is opaque to clients. */
export function cursorOf(number: number): string {
  return Buffer.from(`payment:${number}`).toString('base64url');
}

/** The number in a cursor. */
export function numberOf(cursor: string): number {
  const match = /^payment:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match === null) throw badUserInput('after is not a cursor of this list.');
  return Number(match[1]);
}
