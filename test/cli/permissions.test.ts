import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { RedisStore } from '../../src/stores/redis/index.js';
import { PREFIX, SERVICE } from '../support/redis-keys.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { runCliProcess, type CliRun } from '../support/run-cli.js';
import { claimed, newBegin } from '../support/requests.js';
import { lapse } from '../support/stored-claim.js';

/** The rights that the page grants, line by line. */
const [, connecting, reading, listing, changing] = (
  /^ACL SETUSER operator (?:.*\n)+?```/m.exec(
    readFileSync(join(__dirname, '../../docs/cli.md'), 'utf8'),
  )?.[0] ?? ''
)
  .split('\n')
  .map((line) => line.match(/\+[a-z|]+/g) ?? []);

describe('an operator whose user has the rights of the documentation', () => {
  let redis: RedisServer;
  let client: Redis;
  let store: RedisStore;

  beforeAll(async () => {
    redis = await startRedis();
    client = new Redis(redis.port, '127.0.0.1');
    store = new RedisStore(client, { service: SERVICE });
  });
  beforeEach(() => client.flushall());
  afterAll(async () => {
    await store.close();
    client.disconnect();
    await redis.stop();
  });

  async function as(...rights: (readonly string[] | undefined)[]) {
    const rules = [
      '~idempotency:tests:*',
      '&idempotency:tests:*',
      '-@all',
      ...rights.flatMap((line) => line ?? []),
    ];
    await client.call('acl', 'setuser', 'operator', 'reset', 'on', '>secret', ...rules);
    const redisUrl = `redis://operator:secret@127.0.0.1:${String(redis.port)}`;
    return (...args: string[]): Promise<CliRun> => runCliProcess(args, { redisUrl });
  }

  async function lapsed(): Promise<string> {
    const begin = newBegin();
    await claimed(store, begin);
    await lapse(client, `${PREFIX}${begin.recordId}`);
    return begin.recordId;
  }

  it('looks, lists, settles, forgets, and reads the audit', async () => {
    const [one, two] = [await lapsed(), await lapsed()];
    const cli = await as(connecting, reading, listing, changing);
    expect((await cli('inspect', one, '--json')).stdout).toContain('memoryBytes');
    expect((await cli('list')).stderr).toBe('2 of 2 records.\n');
    expect((await cli('settle', one, '--rerun', '--yes')).code).toBe(0);
    const settled = await cli(
      'settle',
      one,
      '--value',
      '1',
      '--yes',
      '--replicas',
      '1',
      '--timeout-ms',
      '400',
    );
    expect(settled.stderr).toContain('0 of 1 replicas');
    expect((await cli('forget', two, '--yes')).code).toBe(0);
    expect((await cli('audit')).stdout.split('\n').length).toBeGreaterThan(6);
  });

  it('looks into a database other than 0 with +select, and into none without it', async () => {
    const record = await lapsed();
    const inOne = [
      'inspect',
      record,
      '--redis',
      `redis://operator:secret@127.0.0.1:${String(redis.port)}/1`,
    ];
    const refused = await (await as(connecting, reading))(...inOne);
    expect([refused.code, refused.stderr]).toEqual([
      3,
      expect.stringContaining("'select' command"),
    ]);
    const cli = await as(connecting, reading, ['+select']);
    expect((await cli(...inOne)).stderr).not.toContain('select');
    expect((await cli(...inOne)).stdout).not.toContain('lapsed');
  });

  it('who may only look changes nothing', async () => {
    const record = await lapsed();
    const cli = await as(connecting, reading);
    expect((await cli('inspect', record)).code).toBe(0);
    expect((await cli('list')).code).toBe(3);
    const refused = await cli('settle', record, '--failed', '--yes', '--no-audit');
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringMatching(/can't run|NOPERM/)]);
    expect((await cli('inspect', record)).stdout).toContain('lapsed');
  });
});
