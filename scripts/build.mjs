// Builds the package: src compiled twice, as CommonJS and as ES modules, each with its own types, so
// that both kinds of consumer see one consistent package; the payments server with its page. Prints the
// size of each client entry.
//
// A build that would change nothing does nothing. Any other compiles only what has changed, in a folder
// of its own, which then takes the place of the last build by renaming: a server that runs from `dist`
// finds the files that it has yet to load, and two builds at once do not disturb each other.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildPage } from './build-page.mjs';
import { clientSizes } from './client-sizes.mjs';
import { hashInputs } from './hash-inputs.mjs';
import { makeOwnFolder, takePlace } from './own-folder.mjs';
import { prune } from './prune.mjs';

/** The compiler's output and notes of the last build, from which the next one goes on. */
const COMPILED = 'node_modules/.cache/build/compiled';
const STAMP = 'dist/build.json';
const INPUTS = [
  ...['src', 'scripts', 'package.json', 'package-lock.json'],
  ...['tsconfig.json', 'tsconfig.build.json', 'tsconfig.build.esm.json'],
];
const FORMATS = [
  { name: 'cjs', type: 'commonjs', project: 'tsconfig.build.json' },
  { name: 'esm', type: 'module', project: 'tsconfig.build.esm.json' },
];
/** The programs that are not packed. */
const SERVER_PROGRAMS = ['cjs/server/main.js', 'cjs/server/print-schema.js'];
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

/** The hash of the inputs of the build that is in `dist`; undefined if none is complete. */
function builtHash() {
  if (!FORMATS.every(({ name }) => existsSync(join('dist', name)))) return undefined;
  try {
    return JSON.parse(readFileSync(STAMP, 'utf8')).inputs;
  } catch {
    return undefined;
  }
}

async function compile({ name, project }, folder) {
  const notes = ['--incremental', '--tsBuildInfoFile', join(folder, `${name}.tsbuildinfo`)];
  const args = ['--project', project, ...notes, '--outDir', join(folder, name)];
  const compiler = spawn(process.execPath, [tsc, ...args], { stdio: 'inherit' });
  const [code] = await once(compiler, 'exit');
  return code === 0;
}

/** Compiles both formats, from where the last build has come to. */
async function compileAll() {
  const folder = makeOwnFolder(COMPILED);
  if (existsSync(COMPILED)) cpSync(COMPILED, folder, { recursive: true });
  const compiled = await Promise.all(FORMATS.map((format) => compile(format, folder)));
  if (compiled.includes(false)) process.exit(1);
  return folder;
}

async function build(inputs) {
  const compiled = await compileAll();
  const next = makeOwnFolder('dist/build');
  for (const { name, type } of FORMATS) {
    cpSync(join(compiled, name), join(next, name), { recursive: true });
    writeFileSync(join(next, name, 'package.json'), `${JSON.stringify({ type })}\n`);
  }
  prune(next, SERVER_PROGRAMS);
  const pages = join(next, 'cjs/server');
  await buildPage('src/checkout', join(pages, 'checkout'), '/checkout');
  await buildPage('src/graphiql-page', join(pages, 'graphiql'), '/graphiql');

  if (builtHash() === inputs) {
    // Another process has built the same meanwhile, and its server may be loading the files.
    for (const folder of [compiled, next]) rmSync(folder, { recursive: true });
    return;
  }
  takePlace(compiled, COMPILED);
  for (const { name } of FORMATS) takePlace(join(next, name), join('dist', name));
  rmdirSync(next);
  writeFileSync(STAMP, `${JSON.stringify({ inputs })}\n`);
  const sizes = Array.from(await clientSizes(), ([entry, bytes]) => {
    return `${entry.slice(2)} ${(bytes / 1024).toFixed(1)} KB`;
  });
  process.stdout.write(`Client entries, brotli: ${sizes.join(', ')}.\n`);
}

const inputs = hashInputs(INPUTS);
if (builtHash() !== inputs) await build(inputs);
