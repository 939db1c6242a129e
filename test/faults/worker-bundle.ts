import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { ROOT } from './paths.js';

/**
 * Runs the bundle beside it, with V8's code cache. Thousands of workers are started, and most of that
 * time went into finding and compiling modules.
 */
const LOADER = /* js */ `
const { existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { join } = require('node:path');
const { Script } = require('node:vm');

const filename = join(__dirname, 'bundle.js');
const cache = join(__dirname, 'bundle.cache');
const cachedData = existsSync(cache) ? readFileSync(cache) : undefined;
const script = new Script(wrap(readFileSync(filename, 'utf8')), { filename, cachedData });
const module_ = { exports: {} };
script.runInThisContext()(module_.exports, createRequire(filename), module_, filename, __dirname);
// By then, what a request needs has been compiled. A worker that ends before leaves it to another.
if (cachedData === undefined) {
  setTimeout(() => {
    const unfinished = cache + '.' + process.pid;
    writeFileSync(unfinished, script.createCachedData());
    renameSync(unfinished, cache);
  }, 3_000).unref();
}
`;

let loader: string | undefined;

/** The program of a worker. It is bundled at the first call. */
export function workerProgram(): string {
  return (loader ??= bundleWorker());
}

/** Each version has a folder of its own, so that several starts may run side by side. */
function bundleWorker(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(ROOT, 'test/faults/worker/main.ts')],
    bundle: true,
    platform: 'node',
    target: 'node20',
    external: ['pg-native'],
    write: false,
  });
  const [{ text }] = outputFiles as [(typeof outputFiles)[number]];
  const digest = createHash('sha256').update(text).update(LOADER).digest('hex').slice(0, 16);
  const folder = join(ROOT, 'dist/faults-workers', digest);
  const files = { 'bundle.js': text, 'main.js': LOADER };
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    if (existsSync(file)) continue;
    const unfinished = `${file}.${String(process.pid)}`;
    writeFileSync(unfinished, content);
    renameSync(unfinished, file);
  }
  return join(folder, 'main.js');
}
