import { PROPERTY_TIMEOUT_MS } from './property-run.js';

/** The parameters of one fuzzed property. */
export interface Fuzzing {
  readonly seed: number;
  readonly numRuns: number;
  /** The time limit of its test, in milliseconds. */
  readonly timeoutMs: number;
}

const SEED = wholeNumber('FUZZ_SEED') ?? Math.floor(Math.random() * 0x7fff_ffff);
const RUNS = wholeNumber('FUZZ_RUNS');

// Where no test runner rewrites it: whoever finds a failure in a log can replay it.
process.stderr.write(`Fuzzing with FUZZ_SEED=${SEED}.\n`);

/**
 * The size and the seed of a property. `FUZZ_SEED` replays a run, `FUZZ_RUNS` replaces the number
 * of cases.
 */
export function fuzzing(numRuns: number): Fuzzing {
  const runs = RUNS ?? numRuns;
  return { seed: SEED, numRuns: runs, timeoutMs: PROPERTY_TIMEOUT_MS };
}

function wholeNumber(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new Error(`${name} must be a whole number, not "${text}".`);
  return value;
}
