import { sdl, startServer } from '../graphql/apollo.js';

const typeDefs = 'type Query { ping: String } type Mutation { pay: Int @idempotent }';

/** What a server says that is started with these options. */
async function refusal(options: object): Promise<string> {
  const schema = sdl(typeDefs, {});
  try {
    await startServer(schema, options);
    return 'It started.';
  } catch (error) {
    return String(error);
  }
}

const TTL = 'ttlSeconds must be a whole number from 1 to 34560000';
const LEASE = 'leaseMs must be a whole number from 1000 to 3600000';

describe('an option that is out of range keeps the server from starting', () => {
  it.each<[string, unknown]>([
    ['row 121: 0', 0],
    ['row 121: a negative number', -1],
    ['row 121: NaN', NaN],
    ['row 121: Infinity', Infinity],
    ['row 121: a fraction', 1.5],
    ['row 121: 1e30', 1e30],
    ['row 121: text', '24h'],
    ['row 121: a number as text', '60'],
    ['row 121: a BigInt', 60n],
    ['row 121: a second more than 400 days', 34_560_001],
    ['row 121: more than 2^53', 2 ** 53 + 2],
  ])('%s as ttlSeconds', async (_, ttlSeconds) => {
    expect(await refusal({ ttlSeconds })).toContain(TTL);
  });

  it.each<[string, unknown]>([
    ['row 122: 0', 0],
    ['row 122: a negative number', -1],
    ['row 122: less than a second', 999],
    ['row 122: NaN', NaN],
    ['row 122: Infinity', Infinity],
    ['row 122: text', '30s'],
    ['row 122: more than an hour', 3_600_001],
  ])('%s as leaseMs', async (_, leaseMs) => {
    expect(await refusal({ leaseMs })).toContain(LEASE);
  });

  it.each([
    ['row 121: ttlSeconds', '@idempotent(ttlSeconds: 0)', TTL],
    ['row 122: leaseMs', '@idempotent(leaseMs: 0)', LEASE],
  ])('%s in the schema', async (_, mark, problem) => {
    const schema = sdl(typeDefs.replace('@idempotent', mark), {});
    await expect(startServer(schema)).rejects.toThrow(`Mutation.pay: ${problem}`);
  });

  it.each<[string, string, object]>([
    ['in the options', '@idempotent', { leaseMs: 1_499 }],
    ['in the options, for a longer timeout', '@idempotent', { storeTimeoutMs: 20_001 }],
    ['in the schema', '@idempotent(leaseMs: 1499)', {}],
  ])('a lease that is too short for storeTimeoutMs, %s', async (_, mark, options) => {
    const schema = sdl(typeDefs.replace('@idempotent', mark), {});
    await expect(startServer(schema, options)).rejects.toThrow(
      'leaseMs must be at least 1.5 times storeTimeoutMs',
    );
  });

  it('a lease of one and a half times storeTimeoutMs is long enough', async () => {
    const schema = sdl(typeDefs.replace('@idempotent', '@idempotent(leaseMs: 3000)'), {});
    const server = await startServer(schema, { leaseMs: 30_000, storeTimeoutMs: 2_000 });
    await server.stop();
  });

  it.each([
    ['a relative one', '/errors'],
    ['an empty one', ''],
    ['another scheme', 'javascript:alert(1)'],
    ['a fragment', 'https://pay.example/errors#codes'],
    ['what ends a link header', 'https://pay.example/>; rel="x"'],
    ['a line break', 'https://pay.example/\r\nset-cookie: a=b'],
    ['no host', 'https://?'],
    ['no text', 7],
  ])('a documentationUrl with %s', async (_, documentationUrl) => {
    expect(await refusal({ documentationUrl: documentationUrl as string })).toContain(
      'documentationUrl must be an absolute http or https URL without a fragment',
    );
  });

  it('row 121: 400 days, and one second, are within it', async () => {
    for (const ttlSeconds of [1, 34_560_000]) {
      const server = await startServer(sdl(typeDefs, {}), { ttlSeconds });
      await server.stop();
    }
  });
});
