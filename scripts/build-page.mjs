// Bundles a page of the payments server: one script, one stylesheet, an icon, each named by its content, and an
// index.html that refers to them; all of them compressed beforehand as well.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const ICON = 'src/checkout/icon.svg';

/**
 * @param {string} source - the folder of `main.tsx`, `style.css` and `index.html`
 * @param {string} folder - where the files go
 * @param {string} path - where the server has them
 */
export async function buildPage(source, folder, path) {
  const { metafile } = await build({
    entryPoints: [`${source}/main.tsx`, `${source}/style.css`, ICON],
    outdir: folder,
    entryNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    loader: { '.svg': 'copy' },
    conditions: ['module', 'production'],
    define: { 'process.env.NODE_ENV': '"production"' },
    metafile: true,
    logLevel: 'warning',
  });
  let html = readFileSync(`${source}/index.html`, 'utf8');
  for (const output of Object.keys(metafile.outputs)) {
    const name = basename(output);
    html = html.replace(`{${name.replace(/-[^-]*(?=\.)/, '')}}`, `${path}/${name}`);
  }
  writeFileSync(join(folder, 'index.html'), html);
  for (const name of readdirSync(folder)) compress(join(folder, name));
}

function compress(file) {
  const body = readFileSync(file);
  writeFileSync(`${file}.gz`, gzipSync(body, { level: 9 }));
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  writeFileSync(`${file}.br`, brotliCompressSync(body, { params }));
}
