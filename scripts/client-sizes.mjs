// What each client entry adds to a page: bundled and minified, without its peers, compressed by brotli.
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';

/** @returns {Promise<Map<string, number>>} bytes by entry, as in `./client` */
export async function clientSizes() {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  const sizes = new Map();
  for (const [name, entry] of Object.entries(exports)) {
    if (!/^\.\/client(\/|$)/.test(name)) continue;
    const { outputFiles } = await build({
      entryPoints: [entry.import.default],
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      packages: 'external',
    });
    const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
    sizes.set(name, brotliCompressSync(outputFiles[0].contents, { params }).length);
  }
  return sizes;
}
