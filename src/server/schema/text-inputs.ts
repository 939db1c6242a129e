import type { ValidatorFn } from 'type-graphql';
import { badUserInput } from './ledger-errors.js';

/** Controls (C0, DEL, C1) and halves of surrogate pairs. */
const UNWANTED = /[\p{Cc}\p{Cs}]/u;

/**
 * Refuses text that would not come back as it went in: SQLite ends it at a NUL, and UTF-8 has no lone
 * surrogates. Other control characters have no business in names and references either.
 *
 * TypeGraphQL calls this for every argument of every resolver, so no input can be forgotten.
 */
export const checkTexts: ValidatorFn = (_value, _type, { args }) => {
  checkText(args, []);
};

function checkText(value: unknown, path: readonly string[]): void {
  if (typeof value === 'string') {
    const unwanted = UNWANTED.exec(value)?.[0];
    if (unwanted === undefined) return;
    const code = (unwanted.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    throw badUserInput(`${path.join('.')} must not contain the character U+${code}.`);
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries(value)) checkText(item, [...path, name]);
}
