import { INTENT_OPTION_NAMES, type IntentHookOptions } from '../../react/intent-options.js';

/** The largest number of characters that are wrong, missing or too many in a misspelt name. */
const MISTAKES_MAX = 2;

/**
 * The options for a hook's intents, among which those with a misspelt name are to be refused. All
 * others are Apollo Client's, of whichever version: only the likeness of a name tells them apart.
 */
export function intentOptionsAmong(options: object): IntentHookOptions {
  const own = Object.keys(INTENT_OPTION_NAMES).map((name) => name.toLowerCase());
  const entries: readonly (readonly [string, unknown])[] = Object.entries(options);
  return Object.fromEntries(
    entries.filter(([name]) => own.some((one) => isLike(one, name.toLowerCase(), MISTAKES_MAX))),
  );
}

/** Whether one text becomes the other by so many characters changed, added or dropped. */
function isLike(one: string, other: string, mistakes: number): boolean {
  if (one[0] === other[0]) return one === '' || isLike(one.slice(1), other.slice(1), mistakes);
  return (
    mistakes > 0 &&
    (isLike(one.slice(1), other.slice(1), mistakes - 1) ||
      isLike(one.slice(1), other, mistakes - 1) ||
      isLike(one, other.slice(1), mistakes - 1))
  );
}
