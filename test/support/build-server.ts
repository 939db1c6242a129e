import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** What starts a payments server in a process of its own. */
export const SERVER_MAIN = join(ROOT, 'dist/cjs/server/main.js');

/** Builds the package, unless it is newer than everything it is built from. */
export function buildServer(): void {
  const sources = ['src', 'scripts', 'tsconfig.json', 'tsconfig.build.json'];
  const changedAt = Math.max(...sources.map((name) => changeOf(join(ROOT, name))));
  const builtAt = Math.min(
    ...['cjs', 'esm'].map((name) => changeOf(join(ROOT, 'dist', name, 'package.json'))),
  );
  if (builtAt > changedAt) return;
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], {
    cwd: ROOT,
    stdio: 'inherit',
  });
}

/** When a file, or anything in a folder, last changed; 0 if it does not exist. */
function changeOf(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory() !== true) return stats?.mtimeMs ?? 0;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => changeOf(join(path, name))));
}
