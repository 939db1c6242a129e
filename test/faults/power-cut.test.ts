import { join } from 'node:path';
import { startRedis } from '../support/redis-server.js';
import { createPowerSupply, type PowerCut } from './power-cut.js';

/** Writes a key, cuts the power, starts again; gives what is left of the key. */
async function afterCut(
  appendfsync: 'always' | 'no',
): Promise<{ readonly value: unknown; readonly cut: PowerCut }> {
  const supply = createPowerSupply();
  const args = ['--appendonly', 'yes', '--appendfsync', appendfsync];
  const redis = await startRedis({ args, env: supply.env });
  try {
    const [, folder] = (await redis.call('CONFIG', 'GET', 'dir')) as [string, string];
    await redis.call('SET', 'key', 'value');
    await redis.kill();
    const cut = supply.cut(join(folder, 'appendonlydir'));
    await redis.restart();
    return { value: await redis.call('GET', 'key'), cut };
  } finally {
    await redis.stop();
    supply.close();
  }
}

test('a power cut takes nothing that Redis had synced', async () => {
  const startedAt = Date.now();
  const { value, cut } = await afterCut('always');
  expect(value).toBe('value');
  expect(cut.lostBytes).toBe(0);
  expect(cut.since).toBeGreaterThanOrEqual(startedAt);
});

test('a power cut takes what Redis had written and not synced', async () => {
  const { value, cut } = await afterCut('no');
  expect(value).toBeNull();
  expect(cut.lostBytes).toBeGreaterThan(0);
});
