import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '../client/client.js';
import { startServerProcess, type ServerProcess } from '../support/server-process.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { useRedis } from '../support/use-redis.js';
import { createFreshProject, type FreshProject } from './fresh-project.js';

const PACKAGES = [
  '@apollo/client',
  '@graphql-codegen/cli',
  '@graphql-codegen/client-preset',
  '@types/node',
  'graphql',
  'rxjs',
  'typescript',
];

/** What the project had before, and three lines for the map of its idempotent operations. */
const CODEGEN = `
schema: schema.graphql
documents: src/*.graphql
emitLegacyCommonJSImports: false
config:
  useTypeImports: true
  scalars: { DateTimeISO: string }
generates:
  src/generated/:
    preset: client
    presetConfig: { fragmentMasking: false }
  src/generated/idempotency.ts:
    plugins:
      - graphql-idempotency/codegen
`;

const DOCUMENT = `
mutation Pay($input: CreatePaymentInput!, $key: String) {
  createPayment(input: $input, idempotencyKey: $key) {
    __typename
    ... on Payment { id amount }
  }
}
mutation Refund($input: RefundPaymentInput!) {
  refundPayment(input: $input) { amount }
}
`;

/** The client of an application. All that it does about keys is the line with the link. */
const MAIN = `
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { RetryLink } from '@apollo/client/link/retry';
import { IdempotencyLink } from 'graphql-idempotency/client/apollo';
import { PayDocument, RefundDocument } from './generated/graphql.js';
import { idempotentOperations, retryableOperations } from './generated/idempotency.js';

const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.from([
    new IdempotencyLink({ operations: idempotentOperations }),
    new RetryLink({
      delay: { initial: 10 },
      attempts: { retryIf: (_, { operationName = '' }) => retryableOperations.has(operationName) },
    }),
    new HttpLink({ uri: process.argv[2]!, headers: { authorization: 'Bearer alice' } }),
  ]),
});

async function main(): Promise<void> {
  const input = { from: 'acct_alice_eur', to: 'acct_bob_eur', amount: 700, currency: 'EUR' as const };
  const { data, extensions } = await client.mutate({ mutation: PayDocument, variables: { input } });
  const payment = data?.createPayment;
  if (payment?.__typename !== 'Payment') throw new Error('It was not paid.');
  const refund = await client.mutate({
    mutation: RefundDocument,
    variables: { input: { paymentId: payment.id, amount: 200 } },
  });
  console.log(JSON.stringify([
    extensions,
    refund.extensions,
    payment.amount satisfies number,
    refund.data?.refundPayment.amount satisfies number | undefined,
  ]));
}
void main();
`;

const TSCONFIG = JSON.stringify({
  compilerOptions: {
    target: 'ES2022',
    lib: ['ES2022', 'DOM', 'ESNext.Disposable'],
    module: 'Node16',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    types: ['node'],
    rootDir: 'src',
    outDir: 'dist',
  },
  include: ['src'],
});

describe('a fresh project that installs the package', () => {
  let project: FreshProject;
  const redis = useRedis();
  let server: ServerProcess;
  let proxy: TcpProxy;

  beforeAll(async () => {
    server = await startServerProcess({ REDIS_URL: redis.url });
    proxy = await startTcpProxy(Number(new URL(server.url).port));
    project = await createFreshProject(PACKAGES);
    project.write({
      'schema.graphql': readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'),
      'codegen.yml': CODEGEN,
      'tsconfig.json': TSCONFIG,
      'src/operations.graphql': DOCUMENT,
      'src/main.ts': MAIN,
    });
    await project.exec('graphql-codegen', '--config', 'codegen.yml');
  });
  afterAll(async () => {
    project.remove();
    await proxy.close();
    await server.end('SIGKILL');
  });

  /** Compiles, and checks all declarations. Not all of Apollo Client's pass that; ours have to. */
  async function compile(): Promise<void> {
    const output = await project.exec('tsc', '--pretty', 'false').catch(String);
    const ours = output
      .split('\n')
      .filter((line) => line.includes(': error ') || line.startsWith('error '))
      .filter((line) => !/^node_modules\/(?!graphql-idempotency\/)/.test(line));
    expect(ours).toEqual([]);
  }

  it.each(['commonjs', 'module'])(
    'retries safely once it has the link and the map, as %s',
    async (type) => {
      const alice = createClient(server.url, 'alice');
      const count = async (): Promise<number> => {
        const { data } = await alice.post('{ payments { totalCount } }');
        return (data as { payments: { totalCount: number } }).payments.totalCount;
      };
      const before = await count();
      project.write({ 'src/package.json': JSON.stringify({ type }) });
      project.write({ 'dist/package.json': JSON.stringify({ type }) });
      await compile();

      const lost = [
        proxy.strike({ request: 'createPayment' }, { cutReplyAfter: 0 }),
        proxy.strike({ request: 'refundPayment' }, { cutReplyAfter: 0 }),
      ];
      const output = await project.exec(
        'node',
        'dist/main.js',
        `http://127.0.0.1:${String(proxy.port)}/`,
      );
      await Promise.all(lost);

      const replayed = expect.objectContaining({ status: 'replayed' }) as unknown;
      expect(JSON.parse(output)).toEqual([
        { idempotency: { createPayment: replayed } },
        { idempotency: { refundPayment: replayed } },
        700,
        200,
      ]);
      expect(await count()).toBe(before + 1);
    },
  );
});
