// Removes what no entry and no command of the package reaches: declarations of inner modules, and
// modules of types alone. The payments server is not packed, and stays.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/** What a file imports or re-exports by a relative path. */
const RELATIVE = /\b(?:from|import|require)\s*\(?\s*['"](\.[^'"]+)['"]/g;

/** The files that a value of package.json names, however deep. */
function filesOf(value) {
  if (typeof value === 'string') return /^(\.\/)?dist\//.test(value) ? [join(value)] : [];
  return Object.values(value ?? {}).flatMap(filesOf);
}

/** @param {string} kept - a folder that stays as it is */
export function prune(folders, kept) {
  const { exports, bin } = JSON.parse(readFileSync('package.json', 'utf8'));
  const reached = new Set(filesOf([exports, bin]));
  for (const file of reached) {
    for (const [, path] of readFileSync(file, 'utf8').matchAll(RELATIVE)) {
      const target = join(dirname(file), path);
      reached.add(file.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target);
    }
  }
  for (const folder of folders) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const file = join(folder, name);
      if (!/\.(js|d\.ts)$/.test(name) || file.startsWith(join(kept, sep))) continue;
      if (!reached.has(file)) rmSync(file);
    }
  }
}
