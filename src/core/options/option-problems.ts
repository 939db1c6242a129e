import { digestSecretProblems } from '../crypto/digest.js';
import { isWholeNumber, wholeNumberRule } from '../values/whole-number.js';
import { OPTION_ROWS, type OptionRow } from './option-table.js';

/** No fragment, since errors add theirs, and nothing that would end a URL in a `Link` header. */
const DOCUMENTATION_URL = /^https?:\/\/[\w~!$&'()*+,;=:@%./?[\]-]+$/;

/**
 * Checks the options of the table, and those whose form says whether they can work.
 *
 * @param options - what the user wrote; null and undefined count as not written
 * @returns one sentence per problem; empty when there is none
 */
export function optionProblems(options: Readonly<Record<string, unknown>>): string[] {
  const problems = OPTION_ROWS.flatMap(([name, row]) => {
    const value = options[name] ?? undefined;
    const rule = value === undefined ? undefined : brokenRule(name, row, value);
    return rule === undefined ? [] : [`${rule}, not ${show(value)}.`];
  });
  // A variable that is not set must not turn it off: no record would be found, and retries run again.
  if ('digestSecret' in options) problems.push(...digestSecretProblems(options['digestSecret']));
  problems.push(...methodProblems(options['cipher'], 'cipher', ['encrypt', 'decrypt']));
  problems.push(...methodProblems(options['telemetry'], 'telemetry', ['onEvent', 'startField']));
  if (options['redact'] != null && typeof options['redact'] !== 'function') {
    problems.push('redact must be a function.');
  }
  problems.push(...documentationUrlProblem(options['documentationUrl'] ?? undefined));
  return problems;
}

/** The smallest ratio of a lease to `storeTimeoutMs`. */
const LEASE_TIMEOUTS_MIN = 1.5;

/**
 * Checks that a claim can be renewed before it lapses, even if the store took as long as it may to
 * say that it was made.
 *
 * @returns one sentence, or nothing
 */
export function leaseProblems(leaseMs: number, storeTimeoutMs: number): string[] {
  if (!(leaseMs < LEASE_TIMEOUTS_MIN * storeTimeoutMs)) return [];
  return [
    `leaseMs must be at least ${LEASE_TIMEOUTS_MIN} times storeTimeoutMs, so that a claim can be ` +
      `renewed before it lapses: ${leaseMs} is too short for ${storeTimeoutMs}.`,
  ];
}

function methodProblems(value: unknown, name: string, methods: readonly string[]): string[] {
  if (value === undefined || value === null) return [];
  const object = Object(value) as Readonly<Record<string, unknown>>;
  const missing = methods.filter((method) => typeof object[method] !== 'function');
  return missing.length === 0 ? [] : [`${name} lacks ${missing.join(' and ')}.`];
}

function documentationUrlProblem(value: unknown): string[] {
  if (value === undefined) return [];
  if (typeof value === 'string' && DOCUMENTATION_URL.test(value) && URL.canParse(value)) return [];
  return [
    `documentationUrl must be an absolute http or https URL without a fragment, not ${show(value)}.`,
  ];
}

/** The rule that a value breaks; `undefined` if it breaks none. */
function brokenRule(name: string, row: OptionRow, value: unknown): string | undefined {
  switch (row.kind) {
    case 'whole number':
      return isWholeNumber(value, row) ? undefined : wholeNumberRule(name, row);
    case 'true or false':
      return typeof value === 'boolean' ? undefined : `${name} must be true or false`;
    case 'choice': {
      const choices = Object.keys(row.choices);
      if (choices.some((choice) => choice === value)) return undefined;
      return `${name} must be ${choices.map(show).join(' or ')}`;
    }
    case 'text':
      if (typeof value === 'string' && row.pattern.test(value)) return undefined;
      return `${name} must be ${row.noun}`;
    default:
      return row satisfies never;
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  try {
    return String(value);
  } catch {
    // Objects without a prototype, and such, have no text.
    return Object.prototype.toString.call(value);
  }
}
