import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { RedisStore } from '../../src/stores/redis/index.js';
import { SERVICE } from '../support/redis-keys.js';
import { startReplicas, type RedisReplicas } from '../support/redis-replicas.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { claimed, completed, completionOf, newBegin, rivalOf } from '../support/requests.js';
import { until } from '../support/until.js';

const clients: Redis[] = [];
const started: Pick<RedisServer, 'stop'>[] = [];
const folders: string[] = [];

function client(server: RedisServer): Redis {
  const opened = new Redis(server.port, '127.0.0.1');
  clients.push(opened);
  return opened;
}

async function servers(): Promise<{ readonly old: RedisServer; readonly next: RedisServer }> {
  const replicas: RedisReplicas = await startReplicas(1);
  started.push(replicas);
  const [next] = replicas.replicas;
  if (next === undefined) throw new Error('There is no replica.');
  return { old: replicas.primary, next };
}

afterEach(async () => {
  for (const opened of clients.splice(0)) opened.disconnect();
  await Promise.all(started.splice(0).map((server) => server.stop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('what docs/operations.md says of moves and backups', () => {
  it('FAILOVER takes every record along, and the old server grants nothing any more', async () => {
    const { old, next } = await servers();
    const [before, after] = [
      new RedisStore(client(old), { service: SERVICE }),
      new RedisStore(client(next), { service: SERVICE }),
    ];
    const ended = Array.from({ length: 50 }, () => newBegin());
    for (const begin of ended) await completed(before, begin);
    const running = newBegin();
    const claim = await claimed(before, running);

    await old.call('FAILOVER', 'TO', '127.0.0.1', next.port, 'TIMEOUT', 10_000);
    await until(async () => (await next.info('replication')).get('role') === 'master');

    await expect(before.begin(newBegin())).rejects.toThrow('READONLY');
    await expect(before.complete(completionOf(running, claim))).rejects.toThrow('READONLY');
    const found = await Promise.all(ended.map((begin) => after.begin(rivalOf(begin))));
    expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['completed']));
    expect(await after.begin(rivalOf(running))).toMatchObject({ kind: 'running' });
    expect(await after.complete(completionOf(running, claim))).toMatchObject({ kind: 'stored' });
  });

  it('a promotion by hand leaves two servers that grant the same claim', async () => {
    const { old, next } = await servers();
    await old.call('CLIENT', 'PAUSE', 100, 'WRITE');
    await next.call('REPLICAOF', 'NO', 'ONE');
    const begin = newBegin();
    const replies = [
      await new RedisStore(client(old), { service: SERVICE }).begin(begin),
      await new RedisStore(client(next), { service: SERVICE }).begin(rivalOf(begin)),
    ];
    expect(replies.map(({ kind }) => kind)).toEqual(['claimed', 'claimed']);
  });

  it('keys that are copied with their expiry are the same records', async () => {
    const [old, next] = await Promise.all([startRedis(), startRedis()]);
    started.push(old, next);
    const [from, to] = [client(old), client(next)];
    const before = new RedisStore(from, { service: SERVICE });
    const [ended, running] = [newBegin(), newBegin()];
    await completed(before, ended);
    await claimed(before, running);
    for (const key of await from.keys('*')) {
      const [expiresInMs, bytes] = [await from.pttl(key), await from.dumpBuffer(key)];
      await to.restore(key, expiresInMs, bytes);
    }
    const after = new RedisStore(to, { service: SERVICE });
    expect(await after.begin(rivalOf(ended))).toMatchObject({ kind: 'completed' });
    expect(await after.begin(rivalOf(running))).toMatchObject({ kind: 'running' });
  });

  it('a backup knows nothing of what came after it', async () => {
    const server = await startRedis();
    const store = new RedisStore(client(server), { service: SERVICE });
    const [ended, running, later] = [newBegin(), newBegin({ leaseMs: 1 }), newBegin()];
    await completed(store, ended);
    const claim = await claimed(store, running);
    await server.call('SAVE');
    await store.complete(completionOf(running, claim));
    await completed(store, later);
    const folder = mkdtempSync(join(tmpdir(), 'redis-backup-'));
    const [, where] = (await server.call('CONFIG', 'GET', 'dir')) as string[];
    copyFileSync(join(where ?? '', 'dump.rdb'), join(folder, 'dump.rdb'));
    const restored = await startRedis({ args: ['--dir', folder] });
    started.push(server, restored);
    folders.push(folder);

    const again = new RedisStore(client(restored), { service: SERVICE });
    expect(await again.begin(rivalOf(ended))).toMatchObject({ kind: 'completed' });
    expect(await again.begin(rivalOf(running))).toMatchObject({ kind: 'lapsed' });
    expect(await again.begin(rivalOf(later))).toMatchObject({ kind: 'claimed', attempt: 1 });
  });

  it('a lost claim is noticed by its owner, as long as no retry has taken its place', async () => {
    const server = await startRedis();
    started.push(server);
    const store = new RedisStore(client(server), { service: SERVICE });
    const [alone, repeated] = [newBegin(), newBegin()];
    const [first, second] = [await claimed(store, alone), await claimed(store, repeated)];
    await server.call('FLUSHALL');
    expect(await store.begin(rivalOf(repeated))).toMatchObject({ kind: 'claimed', attempt: 1 });
    const stored = await store.complete(completionOf(alone, first));
    expect(stored).toMatchObject({ kind: 'stored', recreated: true });
    const refused = await store.complete(completionOf(repeated, second));
    expect(refused).toMatchObject({ kind: 'superseded' });
  });

  it('a policy of RERUN does not reach records that were claimed without it; recover does', async () => {
    const server = await startRedis();
    started.push(server);
    const store = new RedisStore(client(server), { service: SERVICE });
    const begin = newBegin({ leaseMs: 1 });
    await claimed(store, begin);
    await until(async () => (await store.peek(begin)).kind === 'lapsed');
    const rerun = await store.begin(rivalOf(begin, { onLapse: 'rerun' }));
    const recover = await store.begin(rivalOf(begin, { onLapse: 'recover' }));
    expect([rerun.kind, recover.kind]).toEqual(['lapsed', 'claimed']);
  });
});
