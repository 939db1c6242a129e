// Compiles src twice: CommonJS and ES modules, each with its own types, so that both kinds of
// consumer see one consistent package. The payments server gets its page. Prints what each client entry
// weighs.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { buildPage } from './build-page.mjs';
import { clientSizes } from './client-sizes.mjs';
import { prune } from './prune.mjs';

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

for (const folder of ['dist/cjs', 'dist/esm']) rmSync(folder, { recursive: true, force: true });
await buildPage('dist/cjs/server/checkout', '/checkout');
for (const [project, folder, type] of [
  ['tsconfig.build.json', 'dist/cjs', 'commonjs'],
  ['tsconfig.build.esm.json', 'dist/esm', 'module'],
]) {
  execFileSync(process.execPath, [tsc, '--project', project], { stdio: 'inherit' });
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/package.json`, `${JSON.stringify({ type })}\n`);
}
prune(['dist/cjs', 'dist/esm'], 'dist/cjs/server');
const sizes = Array.from(await clientSizes(), ([entry, bytes]) => {
  return `${entry.slice(2)} ${(bytes / 1024).toFixed(1)} KB`;
});
process.stdout.write(`Client entries, brotli: ${sizes.join(', ')}.\n`);
