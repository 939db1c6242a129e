import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startServerProcess, type ServerProcess } from '../support/server-process.js';
import { useRedis } from '../support/use-redis.js';
import { createLinkedProject, packPackage, type FreshProject } from './fresh-project.js';

const README = readFileSync(join(__dirname, '../../README.md'), 'utf8');
const SERVER = readFileSync(join(__dirname, 'existing-server/server.ts'), 'utf8');

const TSCONFIG = JSON.stringify({
  compilerOptions: {
    target: 'ES2022',
    module: 'Node16',
    strict: true,
    skipLibCheck: true,
    types: ['node'],
    outDir: 'dist',
  },
  include: ['before.ts', 'after.ts'],
});

/** The first code of the README in a language. */
function firstFence(language: string): string {
  const code = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(README)?.[1];
  if (code === undefined) throw new Error(`The README shows no ${language}.`);
  return code;
}

/** What the README says to install into a server. */
function packagesToInstall(): string[] {
  const names = /^npm install (graphql-idempotency .*)$/m.exec(README)?.[1]?.split(' ');
  if (names === undefined) throw new Error('The README does not say what to install.');
  return names;
}

/** Puts one text in the place of another, which has to be there. */
function replaceIn(text: string, old: string | RegExp, next: string): string {
  const replaced = text.replace(old, () => next);
  if (replaced === text) throw new Error(`There is no ${String(old)} in the server.`);
  return replaced;
}

/** Does to a server what its reader would: marks the mutation, takes the imports and the server. */
function follow(server: string): string {
  const marked = firstFence('graphql').split('\n');
  let result = server;
  for (const line of marked.filter((text) => text.includes('@idempotent'))) {
    const unmarked = line.trim().replace(' @idempotent', '');
    result = replaceIn(result, `${unmarked}\n`, `${line.trim()}\n`);
  }
  const shown = firstFence('ts').split('\n');
  const imports = shown.filter((line) => line.startsWith('import '));
  const rest = shown.filter((line) => !line.startsWith('import ')).join('\n');
  result = replaceIn(result, /^const server = .*?^\}\);\n/ms, rest.trimStart());
  return [...imports.filter((line) => !result.includes(line)), result].join('\n');
}

describe('an existing server whose owner follows the README', () => {
  const redis = useRedis();
  let project: FreshProject;
  let server: ServerProcess | undefined;

  beforeAll(async () => {
    const others = packagesToInstall().filter((name) => name !== 'graphql-idempotency');
    project = await createLinkedProject(
      ['@apollo/server', 'graphql', 'typescript', '@types/node', ...others],
      await packPackage(),
    );
    project.write({
      'tsconfig.json': TSCONFIG,
      'before.ts': SERVER,
      'after.ts': follow(SERVER),
    });
    await project.exec('tsc');
  });
  afterEach(() => server?.end('SIGKILL'));
  afterAll(() => {
    project.remove();
  });

  async function start(name: 'before' | 'after'): Promise<ServerProcess> {
    server = await startServerProcess({ REDIS_URL: redis.url }, project.path(`dist/${name}.js`));
    return server;
  }

  async function send({ url }: ServerProcess, query: string): Promise<unknown> {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: 'alice',
        'idempotency-key': 'order-1001',
      },
      body: JSON.stringify({ query }),
    });
    return ((await response.json()) as { data: unknown }).data;
  }

  async function payTwice(running: ServerProcess): Promise<{ answers: unknown[]; made: unknown }> {
    const pay = 'mutation { createPayment(input: { amount: 1250 }) { id payer amount } }';
    const answers = [await send(running, pay), await send(running, pay)];
    return { answers, made: await send(running, '{ payments { id } }') };
  }

  it('paid twice before', async () => {
    const { made } = await payTwice(await start('before'));
    expect(made).toEqual({ payments: [{ id: '1' }, { id: '2' }] });
  });

  it('pays once for two requests, and leaves other mutations alone', async () => {
    const running = await start('after');
    const { answers, made } = await payTwice(running);
    const answer = { createPayment: { id: '1', payer: 'alice', amount: 1250 } };
    expect(answers).toEqual([answer, answer]);
    expect(made).toEqual({ payments: [{ id: '1' }] });
    const rename = 'mutation { renamePayer(name: "Alice") }';
    expect([await send(running, rename), await send(running, rename)]).toEqual([
      { renamePayer: 1 },
      { renamePayer: 2 },
    ]);
  });
});
