import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DOCS = join(__dirname, '../../docs');

it.each([
  ['federation', ['federation-subgraph.ts', 'federation-type-graphql.ts', 'federation-gateway.ts']],
  ['servers', ['express.ts', 'fastify.ts']],
  [
    'clients',
    [
      'clients/apollo.ts',
      'clients/react.tsx',
      'clients/fetch.ts',
      'clients/urql.ts',
      'clients/graphql-request.ts',
    ],
  ],
])('the page %s shows files that are compiled', (page, names) => {
  const examples = names.map((name) => readFileSync(join(DOCS, 'examples', name), 'utf8'));
  const text = readFileSync(join(DOCS, `${page}.md`), 'utf8');
  const shown = [...text.matchAll(/\n```tsx?\n(.*?)```\n/gs)].map(([, code]) => code ?? '');
  expect(shown.length).toBeGreaterThanOrEqual(names.length);
  expect(shown.filter((code) => !examples.some((example) => example.includes(code)))).toEqual([]);
});
