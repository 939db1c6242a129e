import { Redis } from 'ioredis';
import { recordIdOf } from '../../src/core/record/key.js';
import { RedisStore } from '../../src/stores/redis/index.js';
import { PREFIX, SERVICE } from '../support/redis-keys.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { runCliProcess, type CliRun } from '../support/run-cli.js';
import { claimed, completionOf, newBegin } from '../support/requests.js';
import { lapse } from '../support/stored-claim.js';
import { runCliHere, runScripted } from './in-process.js';

const NAMED = ['--scope', 'alice', '--operation', 'pay', '--key', 'k1'];
const recordId = recordIdOf('alice', 'Mutation.pay', 'k1');

describe('the command line', () => {
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

  const cli = (...args: string[]): Promise<CliRun> => runScripted(args, redis.url);
  const program = (args: readonly string[], stdin?: string): Promise<CliRun> =>
    runCliProcess(args, { redisUrl: redis.url, ...(stdin === undefined ? {} : { stdin }) });

  /** With somebody at the terminal who gives this answer. */
  async function answering(
    answer: boolean,
    ...args: string[]
  ): Promise<{ code: number; text: string }> {
    const { code, all } = await runCliHere(args, redis.url, { answer });
    return { code, text: all.join('\n') };
  }

  async function record(
    operation: string,
    key: string,
    state: 'running' | 'lapsed' | 'completed',
  ): Promise<string> {
    const id = recordIdOf('alice', operation, key);
    const begin = newBegin({ recordId: id });
    const claim = await claimed(store, begin);
    if (state === 'completed') await store.complete(completionOf(begin, claim));
    if (state === 'lapsed') await lapse(client, `${PREFIX}${id}`, 5_000);
    return id;
  }

  describe('says what is wrong with it, and changes nothing', () => {
    it.each([
      [[], 'Usage: graphql-idempotency'],
      [['charge'], 'There is no command "charge"'],
      [['inspect'], 'Name a record'],
      [['inspect', 'nonsense'], '"nonsense" is not a record id'],
      [['inspect', recordId, 'other'], 'Name one record'],
      [['inspect', recordId, '--key', 'k1'], 'by its id, or by'],
      [['inspect', '--scope', 'alice', '--key', 'k1'], 'Name a record'],
      [['inspect', '--shout'], 'There is no option --shout: see --help.'],
      [['inspect', recordId, '--redis', 'http://user:secret@x'], '--redis must be a redis://'],
      [['inspect', recordId, '--timeout-ms', 'soon'], 'from 100 to 600000, not "soon"'],
      [['inspect', recordId, '--prefix', ''], '--prefix must not be empty'],
      [['list', 'pay'], 'list takes options only'],
      [['list', '--state', 'stuck'], '--state must be one of running, lapsed'],
      [['list', '--operation', 'a b'], '--operation must name a mutation'],
      [['list', '--limit', '0'], 'from 1 to 100000'],
      [['settle', recordId, '--yes'], 'Pass exactly one of --value'],
      [['settle', recordId, '--rerun', '--failed', '--yes'], 'Pass exactly one of --value'],
      [['settle', recordId, '--value', '{', '--yes'], 'The value is not JSON'],
      [['settle', recordId, '--value', '{"$set":[]}', '--yes'], '$set cannot be written'],
      [['settle', recordId, '--value-file', '/nowhere', '--yes'], '/nowhere cannot be read'],
      [
        ['settle', recordId, '--rerun', '--code', 'X', '--yes'],
        '--code can be used only with --error',
      ],
      [['settle', recordId, '--failed', '--ttl-seconds', '0', '--yes'], 'from 1 to 34560000'],
      [['inspect', ...NAMED, '--digest-secret-file', '/nowhere'], '/nowhere cannot be read'],
      [['doctor', '--replicas', 'some'], 'from 1 to 100, not "some"'],
    ])('%p', async (args, sentence) => {
      const lapsed = await record('Mutation.pay', 'k1', 'lapsed');
      const before = await client.dump(`${PREFIX}${lapsed}`);
      const { code, stdout, stderr } = await cli(...args);
      expect([code, stdout + stderr]).toEqual([2, expect.stringContaining(sentence)]);
      expect(stdout + stderr).not.toContain('secret@');
      expect(await client.dump(`${PREFIX}${lapsed}`)).toBe(before);
      expect(await client.exists(`${PREFIX}audit`)).toBe(0);
    });
  });

  it('tells its version, and how each command is used', async () => {
    expect((await program(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+/);
    for (const command of ['inspect', 'list', 'settle', 'forget', 'doctor', 'audit']) {
      const { code, stdout } = await cli(command, '--help');
      expect([code, stdout]).toEqual([
        0,
        expect.stringContaining(`Usage: graphql-idempotency ${command}`),
      ]);
    }
  });

  it('says soon that Redis cannot be reached, without its password', async () => {
    const { code, stderr } = await program([
      'inspect',
      recordId,
      '--redis',
      'redis://:hush@127.0.0.1:1',
    ]);
    expect([code, stderr]).toEqual([
      3,
      'redis://127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1\n',
    ]);
    redis.pause();
    const hung = await program(['inspect', recordId, '--timeout-ms', '300']);
    redis.resume();
    expect([hung.code, hung.stderr]).toEqual([
      3,
      expect.stringMatching(/cannot be reached|timed out/),
    ]);
  });

  it('lists records by mutation and state, and says what it left out', async () => {
    const lapsed = await record('Mutation.pay', 'k1', 'lapsed');
    const running = await record('Mutation.pay', 'k2', 'running');
    const refund = await record('Mutation.refund', 'k1', 'completed');
    await client.set(`${PREFIX}audit:other`, 'x');
    await client.set(`${PREFIX}pay:${'x'.repeat(32)}`, 'damaged');

    const all = await program(['list']);
    for (const id of [lapsed, running, refund]) expect(all.stdout).toContain(id);
    expect(all.stderr).toBe('4 of 4 records.\n');
    const stuck = await cli('list', '--operation', 'Mutation.pay', '--state', 'lapsed', '--json');
    const lines = stuck.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      expect.objectContaining({ recordId: lapsed, operation: 'Mutation.pay', state: 'lapsed' }),
    ]);
    expect(stuck.stderr).toBe('1 of 3 records.\n');
    expect((await cli('list', '--state', 'unreadable')).stdout).toContain('another version');
    expect((await cli('list', '--limit', '2')).stderr).toContain('There are more than 2');
    expect((await cli('list', '--scan-max', '1')).stderr).toBe(
      '1 of 1 records. Stopped after 1 records: see --scan-max.\n',
    );
    expect((await cli('list', '--prefix', 'other:')).stderr).toBe(
      '0 of 0 records. "doctor" lists the services in this Redis.\n',
    );
  });

  it('refuses to settle what has an owner, an outcome, or no record', async () => {
    const settle = (): Promise<CliRun> => cli('settle', ...NAMED, '--rerun', '--yes');
    expect([await settle()]).toMatchObject([
      { code: 1, stderr: expect.stringContaining('no such record') as string },
    ]);
    await record('Mutation.pay', 'k1', 'running');
    expect([await settle()]).toMatchObject([
      { code: 1, stderr: expect.stringContaining('running it now') as string },
    ]);
    await client.flushall();
    await record('Mutation.pay', 'k1', 'completed');
    expect([await settle()]).toMatchObject([
      { code: 1, stderr: expect.stringContaining('It has completed') as string },
    ]);
    expect(await client.exists(`${PREFIX}audit`)).toBe(0);
  });

  it('reads a value from standard input', async () => {
    const id = await record('Mutation.pay', 'k1', 'lapsed');
    const args = ['settle', id, '--value-file', '-', '--yes'];
    const { code, stderr } = await program(args, '{"id":"p1"}');
    expect([code, stderr]).toEqual([0, expect.stringContaining('"result":"done"')]);
    expect((await cli('inspect', id, '--show-outcome')).stdout).toContain('"p1"');
  });

  it('asks before a change, and needs --yes where nobody can be asked', async () => {
    const id = await record('Mutation.pay', 'k1', 'lapsed');
    for (const change of [
      ['settle', id, '--failed'],
      ['forget', id],
    ]) {
      const before = await client.dump(`${PREFIX}${id}`);
      expect(await program(change)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Pass --yes') as string,
      });
      const refused = await answering(false, ...change);
      expect([refused.code, refused.text]).toEqual([
        1,
        expect.stringContaining('Nothing was changed.'),
      ]);
      expect(await client.dump(`${PREFIX}${id}`)).toBe(before);
    }
    const agreed = await answering(true, 'forget', id);
    expect([agreed.code, agreed.text]).toEqual([0, expect.stringContaining('WILL'.toLowerCase())]);
    expect(await client.exists(`${PREFIX}${id}`)).toBe(0);
  });

  it('forgets what is running only if that is said', async () => {
    const id = await record('Mutation.pay', 'k1', 'running');
    expect((await cli('forget', id, '--yes')).code).toBe(1);
    expect((await cli('forget', id, '--yes', '--running')).code).toBe(0);
    expect((await cli('forget', id, '--yes')).code).toBe(1);
  });

  it('leaves a line before each change and one after it', async () => {
    const id = await record('Mutation.pay', 'k1', 'lapsed');
    const who = ['--actor', 'ops', '--reason', 'T-1'];
    const { stderr } = await cli('settle', id, '--failed', '--yes', ...who);
    expect(stderr.match(/^audit: /gm)).toHaveLength(2);
    const { stdout } = await cli('audit', '--json');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string });
    expect(lines).toMatchObject([
      { actor: 'ops', reason: 'T-1', recordId: id, before: 'lapsed', result: 'done' },
      { actor: 'ops', command: 'settle as failed', result: 'intended' },
    ]);
    expect(lines[0]?.id).toBe(lines[1]?.id);
    expect((await cli('audit', '--limit', '1')).stdout).not.toContain('intended');
  });

  it('changes nothing when the audit cannot be written, unless that is said', async () => {
    const id = await record('Mutation.pay', 'k1', 'lapsed');
    await client.set(`${PREFIX}audit`, 'no stream');
    const settle = ['settle', id, '--failed', '--yes'];
    const refused = await cli(...settle);
    expect([refused.code, refused.stderr]).toEqual([
      3,
      expect.stringContaining('nothing was changed'),
    ]);
    expect((await cli('inspect', id)).stdout).toContain('lapsed');
    expect((await cli(...settle, '--no-audit')).code).toBe(0);
  });

  it('says when fewer replicas than asked for have a settlement', async () => {
    const id = await record('Mutation.pay', 'k1', 'lapsed');
    const settle = ['settle', id, '--failed', '--yes', '--replicas', '1', '--timeout-ms', '500'];
    const { code, stderr } = await program(settle);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('0 of 1 replicas acknowledged it.'),
    ]);
  });

  it('examines a Redis, and says what to change', async () => {
    const unsafe = await cli('doctor', '--json');
    expect(unsafe.code).toBe(1);
    expect(JSON.parse(unsafe.stdout)).toMatchObject({
      problems: 2,
      findings: expect.arrayContaining([
        expect.objectContaining({
          level: 'problem',
          found: expect.stringContaining('appendonly is no') as string,
        }),
        expect.objectContaining({ check: 'memory', level: 'warning' }),
        expect.objectContaining({ check: 'clock', level: 'ok' }),
        expect.objectContaining({
          check: 'latency of a script',
          level: expect.any(String) as string,
        }),
      ]) as unknown,
    });
    expect(unsafe.stdout).toContain('no records yet');
    await redis.configure({ appendonly: 'yes', appendfsync: 'always', maxmemory: '1gb' });
    const sound = await cli('doctor');
    expect([sound.code, sound.stdout]).toEqual([0, expect.stringContaining('no problems')]);
    await redis.configure({ 'maxmemory-policy': 'allkeys-lru' });
    expect((await cli('doctor')).stdout).toContain('Set it to noeviction.');
    expect((await cli('doctor', '--replicas', '2')).stdout).toContain('0 replicas are online');
    await redis.configure({ 'maxmemory-policy': 'noeviction', appendonly: 'no' });
  });

  it('finds the services that keep records in a Redis, and of which mutations', async () => {
    const other = new RedisStore(client, { service: 'orders' });
    await claimed(other, newBegin({ recordId: recordIdOf('alice', 'Mutation.order', 'k1') }));
    await client.set('idempotency:orders\u001b:order:x', 'x');
    const misspelt = await program(['doctor']);
    expect(misspelt.stdout).toContain('warning  services: orders (Mutation.order)\n');
    expect(misspelt.stdout).toContain('None is of tests: is that the name that its servers have?');
    await record('Mutation.pay', 'k1', 'completed');
    await record('Mutation.refund', 'k1', 'lapsed');
    expect((await cli('doctor')).stdout).toContain(
      'ok       services: orders (Mutation.order); tests (Mutation.pay, Mutation.refund)\n',
    );
    expect((await cli('list', '--service', 'orders')).stderr).toBe('1 of 1 records.\n');
  });

  it.each([[[]], [['--service', 'a:b']]])('must be told whose records: %p', async (args) => {
    const { code, all } = await runCliHere(['inspect', recordId, ...args], redis.url, { env: {} });
    expect([code, all.join()]).toEqual([2, expect.stringContaining('The service is missing')]);
  });
});
