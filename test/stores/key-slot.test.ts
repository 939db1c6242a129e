import { Redis } from 'ioredis';
import { keySlot } from '../../src/stores/redis/key-slot.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

describe('the slot of a key', () => {
  let server: RedisServer;
  let client: Redis;

  beforeAll(async () => {
    server = await startRedis({ args: ['--cluster-enabled', 'yes'] });
    client = new Redis(server.port, '127.0.0.1');
  });

  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });

  it.each([
    '',
    'idempotency:abc',
    '{a}b',
    'a{}b',
    'a{b',
    'a}b{c}',
    '{a}{b}',
    'é{ü}',
    'x'.repeat(999),
  ])('is the one that Redis computes: %j', async (key) => {
    expect(keySlot(key)).toBe(await client.cluster('KEYSLOT', key));
  });
});
