import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** The program of a payments server in a process of its own. */
export const SERVER_MAIN = join(ROOT, 'dist/cjs/server/main.js');

/** Builds the package, if anything that it is built from has changed. */
export function buildServer(): void {
  const build = join(ROOT, 'scripts/build.mjs');
  execFileSync(process.execPath, [build], { cwd: ROOT, stdio: 'inherit' });
}
