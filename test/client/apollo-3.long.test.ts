import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { MemoryStore, type IdempotencyOptions } from '../../src/index.js';
import type { TestContext } from '../graphql/apollo.js';
import { startHttpServer, type HttpServer } from '../graphql/http.js';
import { faulty } from '../support/faulty-store.js';
import { otherVersions } from '../support/other-versions.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { createBank } from './bank.js';

const run = promisify(execFile);
const ROOT = resolve(__dirname, '../..');
const VERSIONS = ['@apollo/client@3.13.9', 'graphql@16.15.0'];

/** A client of an application that has not gone to Apollo Client 4 yet. */
const PROGRAM = `
  import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client/core';
  import { RetryLink } from '@apollo/client/link/retry';
  import { IdempotencyLink } from './src/client/apollo/index.js';
  import { isReplay } from './src/client/index.js';

  const operations = {
    Pay: { idempotent: true, fields: { pay: { mutation: 'Mutation.pay', key: ['key'] } } },
    Book: { idempotent: true, fields: { book: { mutation: 'Mutation.book', key: 'header' } } },
  };
  const [uri, name, amount, alone] = process.argv.slice(2);
  const sent = [];
  const retries = [];
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([
      new IdempotencyLink({ operations, onRetry: (retry) => retries.push(retry.code) }),
      ...(alone ? [] : [new RetryLink({ delay: { initial: 1, jitter: false } })]),
      new HttpLink({
        uri,
        fetch(url, init) {
          sent.push(new Headers(init.headers).get('idempotency-key') ?? JSON.parse(init.body).variables.key);
          return fetch(url, init);
        },
      }),
    ]),
  });
  const documents = {
    Pay: gql\`mutation Pay($amount: Int!, $key: String) { pay(amount: $amount) @idempotent(key: $key) { id } }\`,
    Book: gql\`mutation Book($amount: Int!) { book(amount: $amount) { id } }\`,
    Rename: gql\`mutation Rename { rename(name: "y") }\`,
    Balance: gql\`query Balance { balance }\`,
  };
  async function main() {
    const variables = { amount: Number(amount) };
    const answer = name === 'Balance'
      ? await client.query({ query: documents.Balance })
      : await client.mutate({ mutation: documents[name], variables }).catch((error) => ({ error }));
    const code = answer.error?.graphQLErrors[0]?.extensions.code;
    console.log(JSON.stringify({ version: client.version, code, data: answer.data, replay: isReplay(answer), sent, retries }));
  }
  void main();
`;

interface Outcome {
  readonly version: string;
  readonly code?: string;
  readonly data?: unknown;
  readonly replay: boolean;
  readonly sent: readonly (string | null)[];
  readonly retries: readonly string[];
}

describe('the link under Apollo Client 3.13', () => {
  let modules: string;
  let folder: string;
  let bank: ReturnType<typeof createBank>;
  let server: HttpServer;
  let proxy: TcpProxy;

  beforeAll(async () => {
    modules = await otherVersions(VERSIONS);
    folder = mkdtempSync(join(tmpdir(), 'apollo-3-'));
    await build({
      stdin: { contents: PROGRAM, resolveDir: ROOT },
      bundle: true,
      outfile: join(folder, 'program.cjs'),
      platform: 'node',
      alias: { '@apollo/client': join(modules, '@apollo/client') },
    });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    await proxy.close();
    await server.stop();
  });

  async function start(options: Partial<IdempotencyOptions<TestContext>> = {}): Promise<void> {
    bank = createBank();
    server = await startHttpServer(bank.schema, options);
    proxy = await startTcpProxy(server.port);
  }

  async function send(name: string, amount = 1, alone = false): Promise<Outcome> {
    const uri = `http://127.0.0.1:${String(proxy.port)}/`;
    const args = [join(folder, 'program.cjs'), uri, name, String(amount), alone ? 'yes' : ''];
    const { stdout } = await run(process.execPath, args);
    return JSON.parse(stdout) as Outcome;
  }

  it.each(['Pay', 'Book'])('sends one key for %s when a response is lost', async (name) => {
    await start();
    const struck = proxy.strike({ request: 'mutation' }, { cutReplyAfter: 0 });
    const { version, replay, sent } = await send(name);
    await struck;
    expect(version).toBe('3.13.9');
    expect([replay, sent.length, new Set(sent).size]).toEqual([true, 2, 1]);
    expect(bank.effects).toHaveLength(1);
  });

  it.each([false, true])(
    'waits while the store is away, and then pays once (a status of its own: %s)',
    async (httpStatus) => {
      let refusals = 0;
      const store = faulty(new MemoryStore(), () => ((refusals += 1) === 2 ? 'reject' : undefined));
      await start({ store, httpStatus });
      const { retries, sent, data } = await send('Pay', 1, true);
      expect(retries).toEqual(['IDEMPOTENCY_STORE_UNAVAILABLE']);
      expect([sent.length, new Set(sent).size]).toEqual([2, 1]);
      expect(data).toMatchObject({ pay: { id: 'pay-1' } });
      expect(bank.effects).toEqual(['pay 1']);
    },
  );

  it('passes on what is refused for good, and what is not marked', async () => {
    await start();
    expect(await send('Pay', 13)).toMatchObject({ code: 'UNLUCKY', retries: [] });
    expect((await send('Rename')).sent).toEqual([null]);
    expect(await send('Balance')).toMatchObject({ data: { balance: 7 }, sent: [null] });
  });

  it('has the types of that version', async () => {
    const files = {
      'main.ts': `
        import { ApolloClient, ApolloLink, InMemoryCache, type DefaultContext } from '@apollo/client/core';
        import { RetryLink } from '@apollo/client/link/retry';
        import { IdempotencyLink } from 'graphql-idempotency/client/apollo';
        const link = ApolloLink.from([
          new IdempotencyLink({ isIdempotent: ({ operationName }) => operationName === 'Pay' }),
          new RetryLink(),
        ]);
        export const client = new ApolloClient({ cache: new InMemoryCache(), link });
        export const context: DefaultContext = { idempotencyKey: 'k' };
      `,
    };
    for (const [name, target] of [
      ['@apollo/client', join(modules, '@apollo/client')],
      ['graphql', join(modules, 'graphql')],
      ['@graphql-typed-document-node', join(modules, '@graphql-typed-document-node')],
      ['graphql-tag', join(modules, 'graphql-tag')],
      ['graphql-idempotency/dist', join(ROOT, 'dist')],
      ['graphql-idempotency/package.json', join(ROOT, 'package.json')],
    ] as const) {
      const link = join(folder, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(target, link);
    }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const args = ['--strict', '--exactOptionalPropertyTypes', '--preserveSymlinks', '--noEmit'];
    const modes = ['--module', 'commonjs', '--moduleResolution', 'bundler', '--target', 'es2022'];
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const lib = ['--lib', 'es2023,dom,esnext.disposable', '--skipLibCheck', 'false'];
    const { stdout } = await run(
      process.execPath,
      [tsc, ...args, ...modes, ...lib, join(folder, 'main.ts')],
      { cwd: folder },
    ).catch((error: unknown) => error as { stdout: string });
    const ours = stdout
      .split('\n')
      .filter((line) => !/^node_modules\/(?!graphql-idemp)/.test(line));
    expect(ours.join('\n')).toBe('');
    await start();
  });
});
