import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  createFreshProject,
  createLinkedProject,
  packPackage,
  type FreshProject,
} from '../package/fresh-project.js';
import { startPayments, type TestPaymentsServer } from '../server/start.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';

const ROOT = resolve(__dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const TSCONFIG = JSON.stringify({
  compilerOptions: {
    target: 'ES2022',
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    module: 'Node16',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    types: ['node'],
    rootDir: '.',
    outDir: 'dist',
  },
  include: ['docs', 'src', 'test'],
});

/**
 * The packages of each stack, as docs/clients.md has them installed. Some projects are installed from
 * the registry, so that a missing dependency shows; the others, to save time, have links.
 */
const STACKS: readonly (readonly [
  stack: string,
  packages: readonly string[],
  create: typeof createLinkedProject,
])[] = [
  ['apollo', ['@apollo/client', 'rxjs'], createLinkedProject],
  ['urql', ['@urql/core', '@urql/exchange-retry', 'wonka'], createFreshProject],
  ['relay', ['relay-runtime'], createLinkedProject],
  ['fetch', [], createFreshProject],
  ['graphql-request', ['graphql-request'], createLinkedProject],
];

let tarball: string;

beforeAll(async () => {
  tarball = await packPackage();
});

describe.each(STACKS)(
  'a project with %s, the packed package and the code of its page',
  (stack, packages, create) => {
    let project: FreshProject;
    let server: TestPaymentsServer;
    let proxy: TcpProxy;

    beforeAll(async () => {
      [project, server] = await Promise.all([
        create(['graphql', '@types/node', 'typescript', ...packages], tarball),
        startPayments(),
      ]);
      proxy = await startTcpProxy(Number(new URL(server.url).port));
      const files = [
        // Quoted by docs/clients.md.
        `docs/examples/clients/${stack}.ts`,
        // The output of the code generator.
        'src/checkout/generated/idempotency.ts',
        'test/examples/client-projects/payment.ts',
        `test/examples/client-projects/${stack}.ts`,
      ];
      project.write({
        'package.json': '{ "private": true, "type": "module" }',
        'tsconfig.json': TSCONFIG,
        ...Object.fromEntries(files.map((file) => [file, read(file)])),
      });
      await project.exec('tsc');
    });
    afterAll(async () => {
      await proxy.close();
      await server.stop();
      project.remove();
    });

    it('pays once when the response is lost, and once more when it runs again', async () => {
      const url = `http://127.0.0.1:${String(proxy.port)}/`;
      const main = project.path(`dist/test/examples/client-projects/${stack}.js`);
      const pay = (): Promise<string> => project.exec('node', main, url);
      const payments = async (): Promise<unknown> => {
        const { data } = await server.as('alice').post('{ payments { totalCount } }');
        return data?.['payments'];
      };
      const lost = proxy.strike({ request: 'createPayment' }, { cutReplyAfter: 0 });
      expect((await pay()).trim()).toBe('5');
      await lost;
      expect(await payments()).toEqual({ totalCount: 1 });
      expect((await pay()).trim()).toBe('5');
      expect(await payments()).toEqual({ totalCount: 2 });
    });
  },
);
