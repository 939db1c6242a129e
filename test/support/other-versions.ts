import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = resolve(__dirname, '../../node_modules/.cache/other-versions');

/**
 * Other versions of packages than those that are developed against, for what has to work with both.
 * They come from the registry, once, and cannot stand beside them in one node_modules.
 *
 * @param packages - name and version: `react@18.3.1`
 * @returns their node_modules
 */
export async function otherVersions(packages: readonly string[]): Promise<string> {
  const name = packages.join('+').replace(/[^\w.@+-]/g, '_');
  const folder = join(CACHE, name);
  if (!existsSync(folder)) {
    const unfinished = `${folder}.${String(process.pid)}`;
    mkdirSync(unfinished, { recursive: true });
    writeFileSync(join(unfinished, 'package.json'), '{ "private": true }');
    const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
    await run('npm', ['install', ...flags, ...packages], {
      cwd: unfinished,
      shell: process.platform === 'win32',
    });
    // Another test file may have been faster.
    if (existsSync(folder)) rmSync(unfinished, { recursive: true, force: true });
    else renameSync(unfinished, folder);
  }
  return join(folder, 'node_modules');
}
