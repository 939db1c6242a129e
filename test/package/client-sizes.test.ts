import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execFileSync } from 'node:child_process';

const ROOT = resolve(__dirname, '../..');
const PROGRAM = `import('./scripts/client-sizes.mjs')
  .then(({ clientSizes }) => clientSizes())
  .then((sizes) => console.log(JSON.stringify([...sizes])));`;

it('docs/clients.md says what each client entry weighs', () => {
  const printed = execFileSync(process.execPath, ['-e', PROGRAM], { cwd: ROOT, encoding: 'utf8' });
  const page = readFileSync(join(ROOT, 'docs/clients.md'), 'utf8');
  const stated = new Map(
    Array.from(
      page.matchAll(/^\| `graphql-idempotency\/(client\S*)` .*\| ([\d.]+) KB *\|$/gm),
      ([, name = '', size = '']) => [`./${name}`, size],
    ),
  );
  const weighed = JSON.parse(printed) as [string, number][];
  expect(weighed.length).toBeGreaterThan(3);
  // A tenth of a KB is what a change of the compressor's input may move it by.
  for (const [entry, bytes] of weighed) {
    expect([entry, Math.abs(Number(stated.get(entry)) - bytes / 1024) < 0.11]).toEqual([
      entry,
      true,
    ]);
  }
  expect(stated.size).toBe(weighed.length);
});
