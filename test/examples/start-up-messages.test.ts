import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApolloServer } from '@apollo/server';
import { makeExecutableSchema } from '@graphql-tools/schema';
import {
  applyIdempotency,
  idempotencyPlugin,
  idempotentTypeDefs,
  MemoryStore,
  type IdempotencyOptions,
} from '../../src/index.js';

const page = readFileSync(join(__dirname, '../../docs/getting-started.md'), 'utf8');

const QUERY = 'type Query { ping: Int }';
const MARKED = `${QUERY} type Mutation { pay: Int @idempotent }`;

/** What keeps a server from starting, line by line. */
async function refusal(
  typeDefs: string[],
  options: Partial<IdempotencyOptions<object>> = {},
): Promise<string[]> {
  const plugin = idempotencyPlugin({ store: new MemoryStore(), scope: 'global', ...options });
  try {
    const server = new ApolloServer({ typeDefs, plugins: [plugin] });
    await server.start();
    await server.stop();
    return ['It started.'];
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(/^ {2}- /, ''));
  }
}

describe('the page about the first steps', () => {
  it.each<[string, string[], Partial<IdempotencyOptions<object>>]>([
    ['no directive', [MARKED], {}],
    [
      'no such argument',
      [idempotentTypeDefs, MARKED.replace('@idempotent', '@idempotent(ttl: 1)')],
      {},
    ],
    ['no options', [idempotentTypeDefs, MARKED], { store: undefined as never }],
    ['no scope', [idempotentTypeDefs, MARKED], { scope: undefined as never }],
    [
      'a mark on a query',
      [idempotentTypeDefs, 'type Query { a: Int @idempotent } type Mutation { pay: Int }'],
      {},
    ],
    [
      'a value out of range',
      [idempotentTypeDefs, MARKED.replace('@idempotent', '@idempotent(ttlSeconds: 0)')],
      {},
    ],
    [
      'a wrong name',
      [idempotentTypeDefs, MARKED],
      { recover: { 'Mutation.payy': () => 'RERUN' as const } },
    ],
  ])('quotes what a server with %s says', async (_, typeDefs, options) => {
    const lines = await refusal(typeDefs, options);
    // The table gives the first sentence; some messages go on.
    const quoted = [...page.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
    for (const line of lines) {
      expect(quoted.filter((code) => line === code || line.startsWith(`${code} `))).not.toEqual([]);
    }
  });

  it('quotes what a wrapped mutation says when there is no plugin', async () => {
    const schema = applyIdempotency(
      makeExecutableSchema({ typeDefs: [idempotentTypeDefs, MARKED] }),
    );
    const server = new ApolloServer({ schema });
    const { body } = await server.executeOperation({ query: 'mutation { pay }' });
    await server.stop();
    const message = body.kind === 'single' ? body.singleResult.errors?.[0]?.message : undefined;
    expect(page).toContain(`\`${String(message)}\``);
  });
});
