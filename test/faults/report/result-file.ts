import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const count = z.number().int().nonnegative();
const counts = z.record(z.string(), count);

const scenarioResult = z.strictObject({
  name: z.string(),
  title: z.string(),
  seconds: z.number(),
  /** Counts, which are added up over all starts. */
  figures: z.intersection(counts, z.object({ violations: count })),
  /** Measurements, of which the highest of all starts counts. */
  highest: counts,
  failures: z.array(z.string()),
  /** The requests for the first records with a violation, and their effects. */
  histories: z.array(
    z.strictObject({
      name: z.string(),
      entries: z.array(z.looseObject({})),
      lines: z.array(z.looseObject({})),
    }),
  ),
});

const controlResult = z.strictObject({
  title: z.string(),
  /** The scenario that has to catch the bug. */
  scenario: z.string(),
  /** The number of violations that it found: none means that the bug was missed. */
  found: count,
  seconds: z.number(),
});

const yardstickResult = z.strictObject({
  title: z.string(),
  records: count,
  /** Records whose effect happened more than once. */
  duplicates: count,
  /** Records with answers that differ. */
  differing: count,
  /** Records that neither have an answer in the end nor say that it is unknown. */
  stuck: count,
  /** Records whose outcome is reported as unknown. */
  unknown: count,
});

const runResult = z.strictObject({
  seed: z.string(),
  /** The digest of the files in `src`. */
  source: z.string(),
  /** The commit that was checked out; empty outside of a repository. */
  commit: z.string(),
  startedAt: z.iso.datetime(),
  seconds: z.number(),
  /** False in the file of a start that is still running or was interrupted. */
  finished: z.boolean(),
  machine: z.string(),
  /** Versions by name: Node, Redis and the libraries. */
  versions: z.record(z.string(), z.string()),
  /** The variables that chose what the start does, beside its seed. */
  settings: z.record(z.string(), z.string()),
  scenarios: z.array(scenarioResult),
  controls: z.array(controlResult),
  yardsticks: z.array(yardstickResult),
});

export type ScenarioReport = z.infer<typeof scenarioResult>;
export type ControlReport = z.infer<typeof controlResult>;
export type YardstickReport = z.infer<typeof yardstickResult>;

/** The results of one start of `npm run test:faults`. */
export type RunResult = z.infer<typeof runResult>;

/** The file with the results of one start. It is written again after each part of the start. */
export class ResultFile {
  readonly path: string;
  readonly #startedAt = performance.now();
  #result: RunResult;

  constructor(
    folder: string,
    start: Omit<RunResult, 'seconds' | 'finished' | 'scenarios' | 'controls' | 'yardsticks'>,
  ) {
    mkdirSync(folder, { recursive: true });
    const name = `${start.startedAt.replaceAll(/[:.]/g, '-')}-${encodeURIComponent(start.seed)}`;
    this.path = join(folder, `${name}.json`);
    this.#result = {
      ...start,
      ...{ seconds: 0, finished: false, scenarios: [], controls: [], yardsticks: [] },
    };
  }

  add(part: 'scenarios', result: ScenarioReport): void;
  add(part: 'controls', result: ControlReport): void;
  add(part: 'yardsticks', result: YardstickReport): void;
  add(
    part: 'scenarios' | 'controls' | 'yardsticks',
    result: ScenarioReport | ControlReport | YardstickReport,
  ): void {
    this.#write({ ...this.#result, [part]: [...this.#result[part], result] });
  }

  finish(): void {
    this.#write({ ...this.#result, finished: true });
  }

  #write(result: RunResult): void {
    const seconds = (performance.now() - this.#startedAt) / 1_000;
    this.#result = runResult.parse({ ...result, seconds });
    const unfinished = `${this.path}.part`;
    writeFileSync(unfinished, `${JSON.stringify(this.#result, undefined, 2)}\n`);
    // A reader finds the results before this part or after it, never half of them.
    renameSync(unfinished, this.path);
  }
}

/**
 * Reads all result files of a folder, in the order of their starts.
 *
 * @throws Error when there is none, when one is damaged, or when they are about different sources
 */
export function readResults(folder: string): readonly RunResult[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  if (files.length === 0) throw new Error(`There are no result files in ${folder}.`);
  const results = files.map((name) => ({ name, result: readResult(join(folder, name)) }));
  const sources = new Set(results.map(({ result }) => result.source));
  if (sources.size > 1) {
    const lines = results.map(({ name, result }) => `${result.source} ${name}`).sort();
    throw new Error(`The results are about different versions of src:\n${lines.join('\n')}`);
  }
  return results.map(({ result }) => result).sort((a, b) => a.startedAt.localeCompare(b.startedAt));
}

function readResult(file: string): RunResult {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${file} is not JSON.`, { cause });
  }
  const { success, data, error } = runResult.safeParse(content);
  if (success) return data;
  throw new Error(`${file} is not a result file: ${z.prettifyError(error)}`);
}
