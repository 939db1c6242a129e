import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { packPackage } from '../package/fresh-project.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { startServerProcess, type ServerProcess } from '../support/server-process.js';

const ROOT = resolve(__dirname, '../..');
const EXAMPLES = join(ROOT, 'examples');
const PROJECTS = readdirSync(EXAMPLES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const run = promisify(execFile);

type Words = Readonly<Record<string, string>>;

interface Manifest {
  readonly version: string;
  readonly dependencies: Words;
  readonly devDependencies: Words;
}

interface Answer {
  readonly data?: { readonly pay?: Words } | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
  readonly extensions?: { readonly idempotency?: { readonly pay?: { readonly status: string } } };
}

const read = (file: string): string => readFileSync(file, 'utf8');
const manifestOf = (folder: string): Manifest =>
  JSON.parse(read(join(folder, 'package.json'))) as Manifest;

/** The packages that a project installs, beside the one that it is an example of. */
function packagesOf(name: string): [name: string, version: string][] {
  const { dependencies, devDependencies } = manifestOf(join(EXAMPLES, name));
  return Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([dependency]) => dependency !== 'graphql-idempotency',
  );
}

/** A copy of a project that has the packed package, and this repository's copies of all others. */
async function install(name: string, tarball: string): Promise<string> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `example-${name}-`)));
  for (const part of ['src', 'package.json', 'tsconfig.json']) {
    cpSync(join(EXAMPLES, name, part), join(folder, part), { recursive: true });
  }
  const modules = join(folder, 'node_modules');
  for (const [dependency] of packagesOf(name)) {
    const link = join(modules, dependency);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', dependency), link, 'junction');
  }
  const installed = join(modules, 'graphql-idempotency');
  mkdirSync(installed);
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  return folder;
}

let tarball: string;
let redis: RedisServer;

beforeAll(async () => {
  [tarball, redis] = await Promise.all([packPackage(), startRedis()]);
});
afterAll(() => redis.stop());

describe.each(PROJECTS)('the example project %s', (name) => {
  let folder: string;
  let server: ServerProcess;

  beforeAll(async () => {
    folder = await install(name, tarball);
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    await run(process.execPath, [tsc, '--project', folder]).catch((error: unknown) => {
      throw new Error((error as { readonly stdout: string }).stdout);
    });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('pins the versions that this repository is developed with', () => {
    const root = manifestOf(ROOT);
    for (const [dependency, version] of packagesOf(name)) {
      expect([dependency, version]).toEqual([dependency, root.devDependencies[dependency]]);
    }
    expect(manifestOf(join(EXAMPLES, name)).dependencies['graphql-idempotency']).toBe(
      `file:../graphql-idempotency-${root.version}.tgz`,
    );
  });

  it('has the ledger and the store that all examples have', () => {
    for (const file of ['ledger.ts', 'store.ts']) {
      const path = join('src', file);
      expect(read(join(EXAMPLES, name, path))).toBe(read(join(EXAMPLES, 'yoga', path)));
    }
  });

  async function send(query: string, key?: string): Promise<Answer> {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: 'alice',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify({ query }),
    });
    return (await response.json()) as Answer;
  }

  const pay = (amount: number, selection = '__typename'): string =>
    `mutation { pay(amount: ${String(amount)}) { ${selection} } }`;
  const statusOf = ({ extensions }: Answer): unknown => extensions?.idempotency?.pay?.status;
  const codeOf = ({ errors }: Answer): unknown => errors?.[0]?.extensions?.code;

  it.each(['memory', 'Redis'])('pays once, with records in %s', async (where) => {
    await redis.call('FLUSHALL');
    server = await startServerProcess(
      { REDIS_URL: where === 'Redis' ? redis.url : '' },
      join(folder, 'dist/main.js'),
    );
    const whole = '__typename ... on Payment { id amount at }';
    const first = await send(pay(5, whole), 'k1');
    expect(first.data?.pay).toEqual({
      __typename: 'Payment',
      id: '1',
      amount: 5,
      at: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
    });
    expect(statusOf(first)).toBe('executed');

    const second = await send(pay(5, whole), 'k1');
    expect([statusOf(second), second.data]).toEqual(['replayed', first.data]);
    const other = await send(pay(5, 'kind: __typename ... on Payment { when: at }'), 'k1');
    expect(other.data?.pay).toEqual({ kind: 'Payment', when: first.data?.pay?.['at'] });
    expect(codeOf(await send(pay(6), 'k1'))).toBe('IDEMPOTENCY_KEY_PARAMETER_MISMATCH');
    expect(codeOf(await send(pay(5)))).toBe('IDEMPOTENCY_KEY_REQUIRED');

    await send(pay(5_000), 'k2');
    const declined = await send(pay(5_000, '__typename ... on Declined { reason }'), 'k2');
    expect([statusOf(declined), declined.data?.pay]).toEqual([
      'replayed',
      { __typename: 'Declined', reason: 'TOO_MUCH' },
    ]);
    expect((await send('{ payments }')).data).toEqual({ payments: 1 });
    expect(Number(await redis.call('DBSIZE')) > 0).toBe(where === 'Redis');

    expect((await send('mutation { closeAccount }')).data).toEqual({ closeAccount: true });
    const refused = await send(pay(5, whole), 'k1');
    expect(refused.errors).toHaveLength(1);
    expect(JSON.stringify(refused)).not.toContain('Payment');
    await server.end('SIGTERM');
  });
});
