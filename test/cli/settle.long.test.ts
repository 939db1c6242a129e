import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aesGcmCipher, type IdempotencyOptions } from '../../src/index.js';
import { recordIdOf } from '../../src/core/record/key.js';
import { RedisStore } from '../../src/stores/redis/index.js';
import { codes, sdl, startServer, type TestContext, type TestServer } from '../graphql/apollo.js';
import { SERVICE } from '../support/redis-keys.js';
import { reap } from '../support/reaper.js';
import { runCliProcess, type CliRun } from '../support/run-cli.js';
import { until } from '../support/until.js';
import { useRedis } from '../support/use-redis.js';

const ROOT = join(__dirname, '../..');
const LEASE_MS = 1_500;

const TYPE_DEFS = `
  type Query { ok: Int }
  type Paid { id: ID!, at: String, amount: Int }
  type Refused { reason: String }
  union Payment = Paid | Refused
  type Mutation { pay: Payment @idempotent(leaseMs: ${String(LEASE_MS)}, waitMs: 0) }
`;
const QUERY = 'mutation { pay { __typename ... on Paid { id amount } ... on Refused { reason } } }';

/** A server whose resolver never ends: it is killed in the middle of it. */
const DOOMED = `
const { ApolloServer, HeaderMap } = require('@apollo/server');
const { idempotencyPlugin, idempotentTypeDefs, aesGcmCipher } = require('./dist/cjs/index.js');
const { RedisStore } = require('./dist/cjs/stores/redis/index.js');
const { Redis } = require('ioredis');
const [url, key, typeDefs, secrets] = process.argv.slice(1);
const { digestSecret, keys } = JSON.parse(secrets);
const server = new ApolloServer({
  typeDefs: [idempotentTypeDefs, typeDefs],
  resolvers: { Mutation: { pay: () => (console.log('running'), new Promise(() => undefined)) } },
  plugins: [idempotencyPlugin({
    store: new RedisStore(new Redis(url), { service: '${SERVICE}' }), scope: () => 'alice',
    ...(digestSecret && { digestSecret }), ...(keys && { cipher: aesGcmCipher(keys) }),
  })],
});
server.start().then(() => server.executeOperation({
  query: ${JSON.stringify(QUERY)},
  http: { method: 'POST', headers: new HeaderMap([['idempotency-key', key]]) },
}));
setInterval(() => undefined, 1000);
`;

describe('a payment whose server died in the middle', () => {
  const redis = useRedis();
  let server: TestServer;
  let runs: number;
  let keyNumber = 0;
  let key: string;

  beforeEach(async () => {
    runs = 0;
    key = `order-${String((keyNumber += 1))}`;
    server = await serve({});
  });
  afterEach(() => server.stop());

  const serve = (options: Partial<IdempotencyOptions<TestContext>>): Promise<TestServer> =>
    startServer(
      sdl(TYPE_DEFS, {
        Mutation: {
          pay: () => {
            runs += 1;
            return { __typename: 'Paid', id: 'ran', amount: 1 };
          },
        },
      }),
      { store: new RedisStore(redis.client, { service: SERVICE }), ...options },
    );

  const retry = (): ReturnType<TestServer['post']> =>
    server.post(QUERY, { headers: { 'Idempotency-Key': key } });

  const named = (): string[] => ['--scope', 'alice', '--operation', 'Mutation.pay', '--key', key];

  const cli = (...args: string[]): Promise<CliRun> => runCliProcess(args, { redisUrl: redis.url });

  /** Leaves a record whose owner is dead and whose lease is over. */
  async function crash(secrets: object = {}): Promise<void> {
    const args = ['-e', DOOMED, redis.url, key, TYPE_DEFS, JSON.stringify(secrets)];
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    reap(child);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await until(async () => codes(await retry())[0] === 'IDEMPOTENCY_OUTCOME_UNKNOWN');
  }

  it('is settled with its result, and retries get that with its type', async () => {
    await crash();
    const inspected = await cli('inspect', ...named());
    expect(inspected.code).toBe(0);
    expect(inspected.stdout).toContain('lapsed');
    expect(inspected.stdout).toContain('Retries get IDEMPOTENCY_OUTCOME_UNKNOWN');

    const value = JSON.stringify({ __typename: 'Paid', id: 'pay_7', amount: 1250 });
    const settled = await cli('settle', ...named(), '--value', value, '--yes', '--reason', 'T-1');
    expect([settled.code, settled.stdout]).toEqual([0, 'Settled.\n']);
    expect((await retry()).body.data).toEqual({
      pay: { __typename: 'Paid', id: 'pay_7', amount: 1250 },
    });
    expect((await retry()).headers.get('idempotent-replayed')).toBe('true');
    expect(runs).toBe(0);

    const shown = await cli('inspect', ...named(), '--show-outcome', '--json');
    expect(JSON.parse(shown.stdout)).toMatchObject({
      state: 'completed',
      status: 'value',
      attempt: 1,
      outcome: JSON.parse(value) as unknown,
    });
    expect(JSON.parse((await cli('inspect', ...named(), '--json')).stdout)).not.toHaveProperty(
      'outcome',
    );
  });

  it('is settled with an error, and retries get that', async () => {
    await crash();
    const args = ['--error', 'It was not paid.', '--code', 'CARD_EXPIRED', '--yes'];
    expect((await cli('settle', ...named(), ...args)).code).toBe(0);
    expect((await retry()).body.errors).toMatchObject([
      { message: 'It was not paid.', extensions: { code: 'CARD_EXPIRED' } },
    ]);
    expect(runs).toBe(0);
  });

  it.each([
    ['--failed', 'IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED'],
    ['--unavailable', 'IDEMPOTENCY_RESULT_UNAVAILABLE'],
  ])('is settled with %s, and retries get %s', async (way, code) => {
    await crash();
    expect((await cli('settle', ...named(), way, '--yes')).code).toBe(0);
    expect(codes(await retry())).toEqual([code]);
    expect(runs).toBe(0);
  });

  it('is run again as a further attempt when the operator says so', async () => {
    await crash();
    const before = JSON.parse((await cli('inspect', ...named(), '--json')).stdout) as {
      fence: number;
    };
    expect((await cli('settle', ...named(), '--rerun', '--yes')).code).toBe(0);
    expect((await cli('inspect', ...named())).stdout).toContain('released');
    const answer = await retry();
    expect(answer.body.data).toMatchObject({ pay: { id: 'ran' } });
    expect(answer.body.extensions?.idempotency?.['pay']).toMatchObject({ attempt: 2 });
    expect(runs).toBe(1);
    const after = JSON.parse((await cli('inspect', ...named(), '--json')).stdout) as {
      fence: number;
    };
    expect(after.fence).toBeGreaterThan(before.fence);
  });

  it('is forgotten, and a retry runs as if nothing had been', async () => {
    await crash();
    const forgotten = await cli('forget', recordIdOf('alice', 'Mutation.pay', key), '--yes');
    expect([forgotten.code, forgotten.stdout]).toEqual([0, 'Forgotten.\n']);
    expect((await retry()).body.extensions?.idempotency?.['pay']).toMatchObject({ attempt: 1 });
    expect(runs).toBe(1);
  });

  it('is settled where records are encrypted and their ids are keyed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
    const digestSecret = 'a secret that is at least 32 bytes long';
    const keys = { current: 'one', keys: { one: Buffer.alloc(32, 7).toString('base64') } };
    const files = { digest: join(folder, 'digest'), keys: join(folder, 'keys.json') };
    writeFileSync(files.digest, `${digestSecret}\n`);
    writeFileSync(files.keys, JSON.stringify(keys));
    await server.stop();
    server = await serve({ digestSecret, cipher: aesGcmCipher(keys) });
    await crash({ digestSecret, keys });
    const secret = ['--digest-secret-file', files.digest];
    expect((await cli('inspect', ...named())).code).toBe(1);
    const cipher = ['--cipher-keys-file', files.keys];
    const value = ['--value', '{"__typename":"Paid","id":"pay_8","amount":1}', '--yes'];
    expect((await cli('settle', ...named(), ...secret, ...cipher, ...value)).code).toBe(0);
    expect((await retry()).body.data).toMatchObject({ pay: { id: 'pay_8' } });
    const shown = await cli('inspect', ...named(), ...secret, '--show-outcome');
    expect(shown.stdout).toContain('The payload is encrypted');
    const opened = await cli('inspect', ...named(), ...secret, ...cipher, '--show-outcome');
    expect(opened.stdout).toContain('"pay_8"');
    rmSync(folder, { recursive: true });
  });
});
