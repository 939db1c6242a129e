import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const ROOT = resolve(__dirname, '../..');
const run = promisify(execFile);

/** Puts one complete folder after another in the same place. */
const BUILDER = `
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
const [, module, place] = process.argv;
const { makeOwnFolder, takePlace } = await import(module);
for (let turn = 0; turn < 200; turn += 1) {
  const folder = makeOwnFolder(place);
  for (const name of ['a', 'b']) writeFileSync(join(folder, name), process.pid + ' ' + turn);
  takePlace(folder, place);
}
`;

describe('the build', () => {
  it('leaves a build alone that nothing has changed since', () => {
    const file = join(ROOT, 'dist/cjs/index.js');
    const before = statSync(file);
    execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { cwd: ROOT });
    expect([statSync(file).ino, statSync(file).mtimeMs]).toEqual([before.ino, before.mtimeMs]);
  });

  it('is whole, and leaves nothing behind, when others build at the same time', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'builds-'));
    const place = join(parent, 'place');
    const module = pathToFileURL(join(ROOT, 'scripts/own-folder.mjs')).href;
    const args = ['--input-type=module', '--eval', BUILDER, module, place];
    await Promise.all([1, 2, 3].map(() => run(process.execPath, args)));

    expect(readdirSync(parent)).toEqual(['place']);
    const [a, b] = ['a', 'b'].map((name) => readFileSync(join(place, name), 'utf8'));
    expect(a).toBe(b);
    expect(a).toMatch(/ 199$/);
    rmSync(parent, { recursive: true });
  });
});
