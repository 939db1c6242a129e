import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DOCS = join(__dirname, '../../docs');

it.each([
  ['federation', ['federation-subgraph', 'federation-type-graphql', 'federation-gateway']],
  ['servers', ['express', 'fastify']],
  [
    'clients',
    ['clients/apollo', 'clients/react', 'clients/fetch', 'clients/urql', 'clients/graphql-request'],
  ],
])('the page %s shows what is tested', (page, names) => {
  const examples = names.map((name) => readFileSync(join(DOCS, `examples/${name}.ts`), 'utf8'));
  const text = readFileSync(join(DOCS, `${page}.md`), 'utf8');
  const shown = [...text.matchAll(/\n```ts\n(.*?)```\n/gs)].map(([, code]) => code ?? '');
  expect(shown.length).toBeGreaterThanOrEqual(names.length);
  expect(shown.filter((code) => !examples.some((example) => example.includes(code)))).toEqual([]);
});
