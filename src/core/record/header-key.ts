import { parseKey } from './key-syntax.js';

/** The bare items of RFC 9651. A parameter's value is one of them. */
const BARE_ITEM = [
  /-?(?:\d{1,12}\.\d{1,3}|\d{1,15})/, // an integer or a decimal
  /"(?:[ !#-[\]-~]|\\["\\])*"/, // a string
  /[A-Za-z*][!#$%&'*+\-.^_`|~\w:/]*/, // a token
  /:[A-Za-z\d+/]*={0,2}:/, // bytes
  /\?[01]/, // a boolean
  /@-?\d{1,15}/, // a date
  /%"(?:[ !#$&-~]|%[\da-f]{2})*"/, // a display string
];

const PARAMETER = `; *[a-z*][a-z\\d_.*-]*(?:=(?:${BARE_ITEM.map(({ source }) => source).join('|')}))?`;

/** A string of RFC 9651, with its parameters. */
const QUOTED = new RegExp(`^"([^"]*)"(?:${PARAMETER})*$`);

/**
 * Parses the key in a header: bare, or an RFC 9651 string in double quotes, whose parameters are ignored.
 * Lists and escapes are rejected, so no other spelling means the same key.
 *
 * @throws IdempotencyError `IDEMPOTENCY_KEY_INVALID`
 */
export function parseHeaderKey(value: string): string {
  return parseKey(QUOTED.exec(value)?.[1] ?? value);
}
