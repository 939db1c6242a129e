// Removes what no entry and no command of the package reaches: declarations of inner modules, and
// modules of types alone.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** What a file imports or re-exports by a relative path. */
const RELATIVE = /\b(?:from|import|require)\s*\(?\s*['"](\.[^'"]+)['"]/g;

/** The files below `dist` that a value of package.json names, however deep. */
function filesOf(value) {
  if (typeof value === 'string') {
    return /^(\.\/)?dist\//.test(value) ? [relative('dist', value)] : [];
  }
  return Object.values(value ?? {}).flatMap(filesOf);
}

/**
 * @param {string} root - a folder built as `dist` is
 * @param {readonly string[]} programs - the files in it that are entries too, but not of the package
 */
export function prune(root, programs) {
  const { exports, bin } = JSON.parse(readFileSync('package.json', 'utf8'));
  const reached = new Set(
    [...filesOf([exports, bin]), ...programs].map((file) => join(root, file)),
  );
  for (const file of reached) {
    for (const [, path] of readFileSync(file, 'utf8').matchAll(RELATIVE)) {
      const target = join(dirname(file), path);
      reached.add(file.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target);
    }
  }
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const file = join(root, name);
    if (/\.(js|d\.ts)$/.test(name) && !reached.has(file)) rmSync(file);
  }
}
