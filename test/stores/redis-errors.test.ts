import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { RedisStore } from '../../src/stores/redis/index.js';
import { SERVICE } from '../support/redis-keys.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { claimed, newBegin } from '../support/requests.js';

const SECRET = 'card-4242424242424242';

describe('an error of Redis', () => {
  let server: RedisServer;
  let close: () => Promise<void>;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    await close();
    await server.configure({ 'min-replicas-to-write': 0 });
  });
  afterAll(() => server.stop());

  it.each([
    ['ioredis 6', () => new Redis(server.port, '127.0.0.1')],
    ['ioredis 5', () => new Redis5(server.port, '127.0.0.1')],
    ['auto-pipelining', () => new Redis(server.port, '127.0.0.1', { enableAutoPipelining: true })],
  ])('does not hold what was to be stored, with %s', async (_name, open) => {
    const client = open();
    const store = new RedisStore(client, { service: SERVICE });
    close = async () => {
      await store.close();
      client.disconnect();
    };
    const begin = newBegin();
    const { fence, attempt } = await claimed(store, begin);
    await server.configure({ 'min-replicas-to-write': 1 });
    const { recordId, fingerprint, owner, leaseMs } = begin;
    const about = { recordId, owner, payload: Buffer.from(SECRET) };
    const complete = (): Promise<unknown> =>
      store.complete({ ...about, fingerprint, fence, attempt, status: 'value', ttlMs: 1_000 });
    const step = (): Promise<unknown> =>
      store.step({ ...about, name: 'charge', state: 'value', leaseMs, timeoutMs: 1_000 });
    const errors: unknown[] = [];
    const note = (error: unknown): void => {
      errors.push(error);
    };
    // One by itself, and several that travel together.
    await complete().catch(note);
    await Promise.all([complete().catch(note), step().catch(note), complete().catch(note)]);

    expect(errors).toHaveLength(4);
    for (const error of errors) {
      const shown = inspect(error, { depth: null, maxArrayLength: null, showHidden: true });
      expect(shown).toContain('NOREPLICAS');
      expect(shown).toMatch(/command: \{ name: '(eval|evalsha)' \}/);
      expect(shown).not.toContain(owner);
    }
  });
});
