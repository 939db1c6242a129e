import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphQLError, type GraphQLResolveInfo } from 'graphql';
import { Redis } from 'ioredis';
import {
  aesGcmCipher,
  idempotencyOf,
  MemoryStore,
  type IdempotencyOptions,
} from '../../src/index.js';
import { recordIdOf } from '../../src/core/record/key.js';
import { RedisStore } from '../../src/stores/redis/index.js';
import { PREFIX, SERVICE } from '../support/redis-keys.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { codes, sdl, startServer, type TestContext, type TestServer } from './apollo.js';

const SECRETS = {
  value: 'card-4242424242424242',
  error: 'iban-DE02120300000000202051',
  step: 'receipt-77b1',
  key: 'order-of-alice-1001',
  scope: 'alice-smith-1970',
  argument: 'pin-1234-of-alice',
};
const headers = { 'Idempotency-Key': SECRETS.key };
const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
const digestSecret = randomBytes(32);

let effects: number;

const schema = sdl(
  `type Query { ok: Int }
   type Card { number: String, cvv: String, holder: String! }
   type Mutation {
     pay(pin: String): Card @idempotent
     refuse: String @idempotent
     crash: String @idempotent
     unredacted: Card @idempotent
   }`,
  {
    Mutation: {
      async pay(_: unknown, _args: unknown, _context: unknown, info: GraphQLResolveInfo) {
        effects += 1;
        await idempotencyOf(info)?.step('receipt', () => ({ receipt: SECRETS.step }));
        return { number: SECRETS.value, cvv: '123', holder: 'A. Smith' };
      },
      refuse() {
        effects += 1;
        throw new GraphQLError('No.', { extensions: { code: 'NO', iban: SECRETS.error } });
      },
      async crash(_: unknown, _args: unknown, _context: unknown, info: GraphQLResolveInfo) {
        await idempotencyOf(info)?.step('receipt', () => ({ receipt: SECRETS.step }));
        throw new Error('boom');
      },
      unredacted: () => ({ number: SECRETS.value, cvv: '123', holder: 'A. Smith' }),
    },
  },
);

const PAY = `mutation { pay(pin: "${SECRETS.argument}") { number cvv holder } }`;
const user = SECRETS.scope;

describe('encryption at rest', () => {
  let redis: RedisServer;
  let folder: string;
  let client: Redis;
  const servers: TestServer[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aof-'));
    const args = ['--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always'];
    redis = await startRedis({ args });
    client = new Redis(redis.port, '127.0.0.1');
  });
  beforeEach(async () => {
    effects = 0;
    await client.flushall();
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });
  afterAll(async () => {
    client.disconnect();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(options: Partial<IdempotencyOptions<TestContext>>): Promise<TestServer> {
    const server = await startServer(schema, {
      store: new RedisStore(client, { service: SERVICE }),
      ...options,
    });
    servers.push(server);
    return server;
  }

  /** Everything that Redis holds, in memory and on disk. */
  async function everything(): Promise<Buffer> {
    const found: Buffer[] = [];
    for (const key of await client.keys('*')) {
      found.push(Buffer.from(key));
      found.push((await client.getBuffer(key)) ?? Buffer.alloc(0));
    }
    const files = join(folder, 'appendonlydir');
    for (const name of readdirSync(files)) found.push(readFileSync(join(files, name)));
    return Buffer.concat(found);
  }

  const run = async (server: TestServer): Promise<void> => {
    await server.post(PAY, { headers, user });
    for (const field of ['refuse', 'crash']) {
      await server.post(`mutation { ${field} }`, { headers, user });
    }
  };
  const shown = async (): Promise<string[]> => {
    const bytes = await everything();
    return Object.keys(SECRETS).filter((name) =>
      bytes.includes(SECRETS[name as keyof typeof SECRETS]),
    );
  };

  it('shows nothing of outcomes, errors and steps to who reads Redis or its files (G27)', async () => {
    const cipher = aesGcmCipher({ keys: { one: oldKey }, current: 'one' });
    await run(await start({ cipher, digestSecret }));
    expect(await client.dbsize()).toBe(3);
    expect(await shown()).toEqual([]);
    // The test could see it: without a cipher all of it but arguments, keys and scopes is there.
    await client.flushall();
    await run(await start({}));
    expect(await shown()).toEqual(['value', 'error', 'step']);
  });

  it('replays what was encrypted, values and errors alike (G27)', async () => {
    const cipher = aesGcmCipher({ keys: { one: oldKey }, current: 'one' });
    const [first, second] = [await start({ cipher }), await start({ cipher })];
    const paid = await first.post(PAY, { headers, user });
    const again = await second.post(PAY, { headers, user });
    expect(again.body.data).toEqual(paid.body.data);
    const refused = await first.post('mutation { refuse }', { headers, user });
    expect((await second.post('mutation { refuse }', { headers, user })).body.errors).toEqual(
      refused.body.errors,
    );
    expect(effects).toBe(2);
  });

  it('survives a change of keys, step by step', async () => {
    const before = await start({ cipher: aesGcmCipher({ keys: { old: oldKey }, current: 'old' }) });
    await before.post(PAY, { headers, user });
    const both = { old: oldKey, new: newKey };
    const during = await start({ cipher: aesGcmCipher({ keys: both, current: 'new' }) });
    expect((await during.post(PAY, { headers, user })).headers.get('idempotent-replayed')).toBe(
      'true',
    );
    const after = await start({ cipher: aesGcmCipher({ keys: { new: newKey }, current: 'new' }) });
    const response = await after.post(PAY, { headers, user });
    expect(codes(response)).toEqual(['IDEMPOTENCY_RESULT_UNAVAILABLE']);
    expect(after.events).toContainEqual(
      expect.objectContaining({
        type: 'unreadable',
        reason: expect.stringContaining('"old"') as string,
      }),
    );
    expect(effects).toBe(1);
  });

  it('never runs a mutation again because it cannot read its outcome (G27)', async () => {
    const cipher = aesGcmCipher({ keys: { one: oldKey }, current: 'one' });
    await (await start({ cipher })).post(PAY, { headers, user });
    const without = await start({});
    expect(codes(await without.post(PAY, { headers, user }))).toEqual([
      'IDEMPOTENCY_RESULT_UNAVAILABLE',
    ]);
    expect(without.events).toContainEqual(
      expect.objectContaining({
        type: 'unreadable',
        reason: expect.stringContaining('no cipher') as string,
      }),
    );
    expect(effects).toBe(1);
  });

  it('answers, and stores nothing, when the cipher fails after the effect', async () => {
    const broken = {
      encrypt: () => Promise.reject(new Error('key service away')),
      decrypt: () => Promise.reject(new Error('key service away')),
    };
    const server = await start({ cipher: broken });
    const first = await server.post(PAY, { headers, user });
    expect(first.body.data).toMatchObject({ pay: { number: SECRETS.value } });
    expect(first.body.extensions?.idempotency?.['pay']).toMatchObject({ kept: 'nothing' });
    expect(server.events).toContainEqual({
      type: 'unavailable',
      operation: 'Mutation.pay',
      recordId: recordIdOf(user, 'Mutation.pay', SECRETS.key),
      attempt: 1,
      place: [],
      reason: 'The result could not be encrypted: key service away',
    });
    expect(codes(await server.post(PAY, { headers, user }))).toEqual([
      'IDEMPOTENCY_RESULT_UNAVAILABLE',
    ]);
    expect(effects).toBe(1);
  });

  it('finds its records by the secret, and tells arguments apart by it', async () => {
    const server = await start({ digestSecret });
    await server.post(PAY, { headers, user });
    const [key] = await client.keys('*');
    expect(key).toBe(`${PREFIX}${recordIdOf(user, 'Mutation.pay', SECRETS.key, digestSecret)}`);
    expect(key).not.toContain(recordIdOf(user, 'Mutation.pay', SECRETS.key));
    const plain = await start({});
    await plain.post(PAY, { headers, user });
    const kept = await Promise.all((await client.keys('*')).map((name) => client.getBuffer(name)));
    const [one, two] = kept.map((record) => record?.subarray(16, 38).toString());
    expect(one).not.toBe(two);
    expect(codes(await server.post('mutation { pay { number } }', { headers, user }))).toEqual([
      'IDEMPOTENCY_KEY_PARAMETER_MISMATCH',
    ]);
  });
});

describe('redaction', () => {
  const replayed = async (redact: IdempotencyOptions<TestContext>['redact']): Promise<TestServer> =>
    startServer(schema, { redact, store: new MemoryStore() });

  it('leaves properties out of what is stored; a replay answers null for them', async () => {
    const asked = new Set<string>();
    const server = await replayed(({ operation, name }) => {
      asked.add(`${operation} ${name}`);
      return name === 'cvv';
    });
    const query = 'mutation { pay { number cvv holder } }';
    const first = await server.post(query, { headers });
    expect(first.body.data).toMatchObject({ pay: { cvv: '123' } });
    expect((await server.post(query, { headers })).body.data).toEqual({
      pay: { number: SECRETS.value, cvv: null, holder: 'A. Smith' },
    });
    const names = ['receipt', 'number', 'cvv', 'holder'];
    expect([...asked]).toEqual(names.map((name) => `Mutation.pay ${name}`));
    await server.stop();
  });

  it('reaches the extensions of errors, and nothing that the library itself needs', async () => {
    const server = await replayed(({ name }) => ['iban', 'message', 'extensions'].includes(name));
    await server.post('mutation { refuse }', { headers });
    const { errors } = (await server.post('mutation { refuse }', { headers })).body;
    expect(errors).toMatchObject([{ message: 'No.', extensions: { code: 'NO' } }]);
    expect(errors?.[0]?.extensions).not.toHaveProperty('iban');
    await server.stop();
  });

  it('that throws keeps everything from being stored; the client still gets its answer', async () => {
    const server = await replayed(({ name }) => {
      if (name === 'cvv') throw new Error('no idea');
      return false;
    });
    const query = 'mutation { unredacted { number } }';
    expect((await server.post(query, { headers })).body.errors).toBeUndefined();
    expect(codes(await server.post(query, { headers }))).toEqual([
      'IDEMPOTENCY_RESULT_UNAVAILABLE',
    ]);
    await server.stop();
  });
});

it.each([
  [{ digestSecret: 'short' }, 'digestSecret must be a string or bytes, at least 32 bytes long.'],
  [{ digestSecret: undefined as never }, 'digestSecret must be a string or bytes'],
  [{ cipher: {} as never }, 'cipher lacks encrypt and decrypt.'],
  [{ redact: 'cvv' as never }, 'redact must be a function.'],
])('a server does not start with %p', async (options, problem) => {
  await expect(startServer(schema, options)).rejects.toThrow(problem);
});
