import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';

const MODEL = join(import.meta.dirname, 'record.pml');
const OUTPUT_BYTES_MAX = 64 * 2 ** 20;
/** More than any variant needs. A search that meets a limit fails instead of passing unfinished. */
const DEPTH_MAX = 1_000_000;
const MEMORY_MIB_MAX = 4_000;

/**
 * How to look: the fastest way through every state, or level by level, which finds the shortest way
 * to what is looked for and then ends, so that compiling is what takes its time.
 */
const WAYS = Object.freeze({
  all: { compile: ['-O1'], run: [`-m${String(DEPTH_MAX)}`, '-b', '-w22'] },
  shortest: { compile: ['-O0', '-DBFS'], run: ['-w20'] },
});

const execute = promisify(execFile);

/**
 * Searches the model for a violated assertion.
 *
 * @param folder - an empty one, for what SPIN and the compiler write
 * @param definitions - the value of each word in capitals
 * @param way - `all` or `shortest`
 * @throws Error when the search did not end, or found anything but a violated assertion
 */
export async function search({ spin, compiler }, folder, definitions, way) {
  const { compile, run } = WAYS[way];
  const options = { cwd: folder, maxBuffer: OUTPUT_BYTES_MAX };
  const defines = Object.entries(definitions).map(([name, value]) => `-D${name}=${String(value)}`);
  await execute(spin, ['-a', ...defines, MODEL], options);
  const limits = [`-DMEMLIM=${String(MEMORY_MIB_MAX)}`];
  const flags = ['-w', '-DSAFETY', '-DNOCLAIM', ...limits, ...compile];
  await execute(compiler, [...flags, '-o', 'pan', 'pan.c'], options);
  const startedAt = performance.now();
  const { stdout } = await execute('./pan', run, options);
  const seconds = (performance.now() - startedAt) / 1000;
  const violated = /^pan:\d+: assertion violated/m.test(stdout);
  const ended = stdout.includes('errors: 0\n') && !stdout.includes('Search not completed');
  if (!violated && !ended) throw new Error(`The search did not end as it should:\n${stdout}`);
  return {
    violated,
    states: Number(/([\d.e+]+) states, stored/.exec(stdout)?.[1]),
    seconds,
    /** The steps to the violation, in the words of the model. */
    async steps() {
      const trail = ['-t', '-T', '-k', 'record.pml.trail', ...defines, MODEL];
      const replayed = await execute(spin, trail, options);
      const [story = ''] = replayed.stdout.split('spin: trail ends');
      return story.replace(/^spin: warning.*\n/m, '').replaceAll(MODEL, 'record.pml');
    },
  };
}
