import { digestSecretProblems } from '../crypto/digest.js';

const NUMBER_RANGES = {
  ttlSeconds: [1, 34_560_000],
  waitMs: [0, 300_000],
  leaseMs: [1_000, 3_600_000],
  storeTimeoutMs: [10, 60_000],
  drainTimeoutMs: [0, 600_000],
  resultBytesMax: [1_024, 67_108_864],
  fieldsMax: [1, 1_000],
} as const;

const CHOICES = {
  required: [true, false],
  onError: ['RELEASE', 'SEAL'],
  onCrash: ['REJECT', 'RERUN'],
  httpStatus: [true, false],
} as const;

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
/** No fragment, since errors add theirs, and nothing that would end a URL in a `Link` header. */
const DOCUMENTATION_URL = /^https?:\/\/[\w~!$&'()*+,;=:@%./?[\]-]+$/;
const ARGUMENT_PATH = /^[_A-Za-z][_0-9A-Za-z]*(\.[_A-Za-z][_0-9A-Za-z]*)*$/;

/**
 * Checks the options that have a range or a choice.
 *
 * @param options - what the user wrote; null and undefined count as not written
 * @returns one sentence per problem; empty when there is none
 */
export function optionProblems(options: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = [];
  for (const [name, [min, max]] of Object.entries(NUMBER_RANGES)) {
    const value = options[name] ?? undefined;
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || Number(value) < min || Number(value) > max) {
      problems.push(`${name} must be a whole number from ${min} to ${max}, not ${show(value)}.`);
    }
  }
  for (const [name, choices] of Object.entries(CHOICES)) {
    const value = options[name] ?? undefined;
    if (value !== undefined && !(choices as readonly unknown[]).includes(value)) {
      problems.push(`${name} must be ${choices.map(show).join(' or ')}, not ${show(value)}.`);
    }
  }
  // A variable that is not set must not turn it off: no record would be found, and retries run again.
  if ('digestSecret' in options) problems.push(...digestSecretProblems(options['digestSecret']));
  problems.push(...methodProblems(options['cipher'], 'cipher', ['encrypt', 'decrypt']));
  problems.push(...methodProblems(options['telemetry'], 'telemetry', ['onEvent', 'startField']));
  if (options['redact'] != null && typeof options['redact'] !== 'function') {
    problems.push('redact must be a function.');
  }
  problems.push(...patternProblem(options, 'header', HEADER_NAME, 'an HTTP header name'));
  problems.push(...documentationUrlProblem(options['documentationUrl'] ?? undefined));
  problems.push(...patternProblem(options, 'argument', ARGUMENT_PATH, 'an argument path'));
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

function patternProblem(
  options: Readonly<Record<string, unknown>>,
  name: string,
  pattern: RegExp,
  noun: string,
): string[] {
  const value = options[name] ?? undefined;
  if (value === undefined || (typeof value === 'string' && pattern.test(value))) return [];
  return [`${name} must be ${noun}, not ${show(value)}.`];
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
