import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '../../support/redis-server.js';
import { ALIVE, type CheckRules, type Invariant } from '../checker.js';
import { createPowerSupply } from '../power-cut.js';
import {
  resultOf,
  withFailures,
  type Scenario,
  type ScenarioOptions,
  type ScenarioResult,
} from '../scenario.js';
import type { TestbedResult } from '../testbed.js';
import { underLoad } from '../under-load.js';

/** With everysec, Redis forgets about a second of what it has acknowledged. */
const LOSING: CheckRules = { unknown: true, reruns: true, notStored: true, forgets: true };
/** Broken by losses: the second effect of a record, and what follows from it. */
const BROKEN_BY_LOSSES: ReadonlySet<Invariant> = new Set(['I1', 'I2', 'I3', 'I5', 'I7', 'I8']);

/** One cut may happen to lose nothing, if Redis has just synced. */
const EVERYSEC_CUTS_MIN = 8;

/** Redis loses what it had not synced: with `always`, that is nothing that it had acknowledged. */
export const powerCuts: Scenario = {
  name: 'power-cuts',
  title: 'power cut: the append-only file ends at its last fsync, with appendfsync always',
  async run(options) {
    const { result, figures, highest } = await cutPower(options, 'power-cuts', 'always', ALIVE);
    return { ...resultOf(result, figures), highest };
  },
};

/** The same with `everysec`: the losses are counted, and what does not follow from them is forbidden. */
export const powerCutsEverySecond: Scenario = {
  name: 'power-cuts-everysec',
  title: 'power cut with appendfsync everysec: losses are expected',
  async run(options): Promise<ScenarioResult> {
    const { name } = powerCutsEverySecond;
    const size = Math.max(options.size, EVERYSEC_CUTS_MIN);
    const { result, figures, highest } = await cutPower(
      { ...options, size },
      name,
      'everysec',
      LOSING,
    );
    const lost = result.violations.filter(({ invariant }) => BROKEN_BY_LOSSES.has(invariant));
    const doubled = new Set(
      lost.filter(({ invariant }) => invariant === 'I1').map(({ view }) => view.name),
    );
    const others = result.violations.filter(({ invariant }) => !BROKEN_BY_LOSSES.has(invariant));
    const counted = resultOf(
      { ...result, violations: others },
      { ...figures, 'records with a second effect (expected)': doubled.size },
    );
    // Otherwise the power would not have been cut, or nobody would be looking.
    const failures = doubled.size === 0 ? ['no loss was seen although there must be some'] : [];
    return withFailures({ ...counted, highest }, failures);
  },
};

async function cutPower(
  options: ScenarioOptions,
  name: string,
  appendfsync: 'always' | 'everysec',
  rules: CheckRules,
): Promise<{
  readonly result: TestbedResult;
  readonly figures: Readonly<Record<string, number>>;
  readonly highest: Readonly<Record<string, number>>;
}> {
  const supply = createPowerSupply();
  const args = ['--appendonly', 'yes', '--appendfsync', appendfsync];
  const redis = await startRedis({ args, env: supply.env });
  const [, folder] = (await redis.call('CONFIG', 'GET', 'dir')) as [string, string];
  const random = options.random.fork('cuts');
  let cuts = 0;
  let lostBytes = 0;
  let longestMs = 0;
  try {
    const result = await underLoad(options, {
      name,
      redis: { kind: 'standalone', port: redis.port },
      rules,
      injected: () => cuts,
      async disturb() {
        for (; cuts < options.size; cuts += 1) {
          await sleep(random.integer(300, 1_500));
          await redis.kill();
          const endedAt = Date.now();
          const lost = supply.cut(join(folder, 'appendonlydir'));
          lostBytes += lost.lostBytes;
          if (lost.lostBytes > 0) longestMs = Math.max(longestMs, endedAt - lost.since);
          await redis.restart();
        }
      },
    });
    const figures = { 'power cuts': cuts, 'bytes lost': lostBytes };
    return { result, figures, highest: { 'time of writes lost in a cut, ms': longestMs } };
  } finally {
    await redis.stop();
    supply.close();
  }
}
