import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Hashes the names and contents of files, and of all files below folders.
 *
 * @param {readonly string[]} paths
 */
export function hashInputs(paths) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap(filesBelow)) {
    hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  }
  // Node's version does not count: what is compiled does not depend on it, and whatever Node compressed a page, it is
  // the same page. Tests that run on several versions would else build again for each.
  return hash.digest('hex');
}

function filesBelow(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}
