import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** A file of a page, as it goes out. */
export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  /** The same compressed, by content coding, the smallest first. */
  readonly compressed: ReadonlyMap<string, Buffer>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const CODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/**
 * Reads the files of a built page, by name. Empty if it was not built.
 *
 * @param folder - what `scripts/build-page.mjs` wrote
 */
export function readPageFiles(folder: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  if (!existsSync(folder)) return files;
  for (const name of readdirSync(folder)) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const path = join(folder, name);
    const compressed = new Map<string, Buffer>();
    for (const [coding, ending] of CODINGS) {
      if (existsSync(path + ending)) compressed.set(coding, readFileSync(path + ending));
    }
    files.set(name, { type, body: readFileSync(path), compressed });
  }
  return files;
}
