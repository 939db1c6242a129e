import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from '../paths.js';

/** The digest of all files in `src`, with their names: commits with the same digest have the same library. */
export function sourceDigest(): string {
  const folder = join(ROOT, 'src');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash('sha256');
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`${relative(folder, file)}\0${String(content.length)}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 16);
}

/** The commit that is checked out; empty outside of a repository. */
export function checkedOutCommit(): string {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short=12', 'HEAD'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : '';
}
