import type { LapsePolicy } from '../../../core/record/record.js';
import type { BeginRequest } from '../../../core/record/store.js';
import { fingerprintPrefix } from './packed-outcome.js';

/** The offset of each column of a claim, and of the entries of its steps. */
export const CLAIM_AT = Object.freeze({
  version: 0,
  state: 1,
  fence: 2,
  leaseEnd: 18,
  leaseMs: 34,
  attempt: 50,
  policy: 52,
  previous: 53,
  awaited: 54,
  fingerprint: 55,
  owner: 77,
  displaced: 99,
  steps: 121,
});

const POLICY_LETTERS: Readonly<Record<LapsePolicy, string>> = Object.freeze({
  reject: 'J',
  rerun: 'R',
  recover: 'C',
});

/** The letter for a policy in a claim. */
export function letterOf(policy: LapsePolicy): string {
  return POLICY_LETTERS[policy];
}

/** The policy for a letter. */
export function policyOf(letter: string): LapsePolicy | undefined {
  return (Object.keys(POLICY_LETTERS) as LapsePolicy[]).find(
    (policy) => POLICY_LETTERS[policy] === letter,
  );
}

const NUMBER_LENGTH = 16;
const NUMBER_MAX = Number.MAX_SAFE_INTEGER;

/** A whole number as the text of a column; a larger one becomes the largest that fits. */
export function column(value: number): string {
  return String(Math.min(value, NUMBER_MAX)).padStart(NUMBER_LENGTH, '0');
}

/** The client's columns of a new claim, from the attempt on. */
export function claimColumns({ onLapse, fingerprint, owner }: BeginRequest): string {
  return `01${POLICY_LETTERS[onLapse]}N0${fingerprintPrefix(fingerprint)}${owner}${owner}`;
}
