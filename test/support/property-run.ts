import fc, { type IAsyncProperty } from 'fast-check';

/** The size of a property's run, and the start of its randomness. */
export interface PropertyRun {
  /** The prefix of the environment variables that set the rest. */
  readonly name: 'MODEL' | 'SCHEDULE';
  readonly runs: number;
  /** After how long it ends with fewer runs: a slow machine does less, and does not fail. */
  readonly limitMs: number | undefined;
  readonly seed: number;
  /** Which case of the seed to run again; all of them if undefined. */
  readonly path: string | undefined;
}

/** The time limit of a run without a number of its own, in milliseconds. */
const LIMIT_MS = 5_000;

/** A run as `<name>_RUNS`, `<name>_SEED` and `<name>_PATH` want it; a new seed by default. */
export function propertyRun(name: PropertyRun['name'], runsDefault: number): PropertyRun {
  const numberOf = (variable: string): number | undefined => {
    const text = process.env[`${name}_${variable}`] ?? '';
    if (text === '') return undefined;
    if (Number.isSafeInteger(Number(text))) return Number(text);
    throw new Error(`${name}_${variable} must be a whole number, not ${text}.`);
  };
  const runs = numberOf('RUNS');
  const path = process.env[`${name}_PATH`];
  return {
    name,
    runs: runs ?? runsDefault,
    limitMs: runs === undefined && path === undefined ? LIMIT_MS : undefined,
    seed: numberOf('SEED') ?? Date.now() % 2 ** 30,
    path,
  };
}

/** Runs that somebody asked for end when they have done what was asked: no limit is about speed. */
export const PROPERTY_TIMEOUT_MS = 24 * 60 * 60_000;

/** The same property, and the end of the case that it runs. */
function withEnd<T>(
  property: IAsyncProperty<T>,
): [IAsyncProperty<T>, ended: () => Promise<unknown>] {
  let last: Promise<unknown> = Promise.resolve();
  const observed = Object.create(property) as IAsyncProperty<T>;
  observed.run = (value) => {
    const running = property.run(value);
    last = running;
    return running;
  };
  return [observed, () => last];
}

/**
 * Holds a property to its cases and prints one line of JSON: the run and `figures`.
 *
 * @param lanes - how many runs go on at once, each with a seed of its own; a case that is run again
 * has one
 * @returns whether all runs were done
 * @throws Error with the smallest case that failed, and how to run it again
 */
export async function holdProperty<T>(
  run: PropertyRun,
  lanes: number,
  propertyOf: (lane: number) => IAsyncProperty<T>,
  figures: () => object,
): Promise<boolean> {
  const startedAt = performance.now();
  const laneCount = run.path === undefined ? Math.min(lanes, run.runs) : 1;
  const all = await Promise.all(
    Array.from({ length: laneCount }, async (_, lane) => {
      const [property, ended] = withEnd(propertyOf(lane));
      const details = await fc.check(property, {
        seed: run.seed + lane,
        numRuns: Math.ceil(run.runs / laneCount),
        ...(run.path === undefined ? {} : { path: run.path }),
        ...(run.limitMs === undefined ? {} : { interruptAfterTimeLimit: run.limitMs }),
      });
      // The time limit settles it while a case still runs, on what the test closes next.
      await ended();
      return details;
    }),
  );
  for (const details of all) {
    // fast-check also calls a run failed whose time limit ended it in its first case.
    const isCutShort = details.interrupted && details.counterexample === null;
    if (!details.failed || isCutShort) continue;
    // The rest of the path tells how it was made smaller, which depends on what the commands did.
    const path = details.counterexamplePath?.split(':')[0] ?? '';
    const again = `${run.name}_SEED=${details.seed} ${run.name}_PATH=${path}`;
    const report = fc.defaultReportMessage(details) ?? '';
    throw new Error(`Run it again with ${again}\n${report}`, { cause: details.errorInstance });
  }
  const line = {
    property: expect.getState().currentTestName,
    runs: all.reduce((sum, { numRuns }) => sum + numRuns, 0),
    seed: run.seed,
    lanes: laneCount,
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    ...figures(),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  return !all.some(({ interrupted }) => interrupted);
}
