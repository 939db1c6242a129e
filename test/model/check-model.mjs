// Checks the protocol's model in every variant, and fails if one is not found as expected.
//
// MODEL_ONLY=text checks the variants whose names contain the text, and prints the shortest way to
// what is found in them.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { findTools } from './find-tools.mjs';
import { search } from './search.mjs';
import { VARIANTS } from './variants.mjs';
import { PROPERTIES, SWITCHES, WITNESSES } from './words.mjs';

/** The largest searches take half a gigabyte each. */
const AT_ONCE_MAX = 2;
const WORDS = [PROPERTIES, WITNESSES, SWITCHES].flatMap(Object.keys);

function definitionsOf({ policy, properties, on, attempts = 3, failovers = 0 }) {
  const turnedOn = [...properties, ...on];
  const unknown = turnedOn.filter((word) => !WORDS.includes(word));
  if (unknown.length > 0) throw new Error(`The model does not know ${unknown.join(', ')}.`);
  const words = WORDS.map((word) => [word, turnedOn.includes(word) ? 1 : 0]);
  return {
    POLICY: policy,
    ATTEMPTS: attempts,
    FAILOVERS: failovers,
    ...Object.fromEntries(words),
  };
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

/** Searches one variant and prints what was found; whether that was to be expected. */
async function check(tools, folder, variant, showsSteps) {
  const { name, properties, expected } = variant;
  const way = expected === 'holds' && !showsSteps ? 'all' : 'shortest';
  const result = await search(tools, folder, definitionsOf(variant), way);
  const [ifViolated, ifNot] = expected === 'happens' ? ['happens', 'never'] : ['broken', 'holds'];
  const found = result.violated ? ifViolated : ifNot;
  print(
    [
      found === expected ? 'ok  ' : 'FAIL',
      name.padEnd(54),
      properties.join(' ').padEnd(39),
      `expected ${expected},`.padEnd(17),
      `found ${found}`.padEnd(13),
      `${String(result.states).padStart(8)} states`,
      `${result.seconds.toFixed(1).padStart(5)} s`,
    ].join(' '),
  );
  if (showsSteps && result.violated) print(await result.steps());
  return found === expected;
}

async function checkAll(variants, tools, folder, showsSteps) {
  const surprises = [];
  const queue = variants.entries();
  const worker = async () => {
    for (const [index, variant] of queue) {
      const own = join(folder, String(index));
      mkdirSync(own);
      if (!(await check(tools, own, variant, showsSteps))) surprises.push(variant.name);
      rmSync(own, { recursive: true });
    }
  };
  const workers = Math.min(AT_ONCE_MAX, availableParallelism());
  await Promise.all(Array.from({ length: workers }, worker));
  return surprises;
}

async function main() {
  const tools = findTools();
  const only = process.env['MODEL_ONLY'] ?? '';
  const variants = VARIANTS.filter(({ name }) => name.includes(only));
  if (variants.length === 0) throw new Error(`No variant's name contains "${only}".`);

  const folder = mkdtempSync(join(tmpdir(), 'model-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

  const startedAt = performance.now();
  const surprises = await checkAll(variants, tools, folder, only !== '');
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  print(`${String(variants.length)} variants, ${seconds} s`);
  for (const name of surprises) print(`Not as expected. Its steps: MODEL_ONLY="${name}"`);
  if (surprises.length > 0) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error.message}\n${error.stdout ?? ''}`);
  process.exit(1);
}
