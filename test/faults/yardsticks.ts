import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '../support/redis-server.js';
import { until } from '../support/until.js';
import type { Invariant } from './checker.js';
import type { YardstickReport } from './report/result-file.js';
import type { ScenarioOptions } from './scenario.js';
import type { TestbedResult } from './testbed.js';
import { underLoad } from './under-load.js';
import type { YardstickConfig } from './worker/config.js';

/** A solution that is measured beside this package, under the same load and the same faults. */
export interface YardstickEntry {
  readonly name: YardstickConfig['name'] | undefined;
  readonly title: string;
}

const PACKAGES = {
  '@aws-lambda-powertools/idempotency': '2.35.0',
  '@aws-lambda-powertools/commons': '2.35.0',
  '@redis/client': '6.3.1',
  '@node-idempotency/core': '1.0.11',
  '@node-idempotency/storage-adapter-redis': '1.0.2',
} as const;

/** All yardsticks, and this package. */
export const YARDSTICKS: readonly YardstickEntry[] = [
  { name: undefined, title: 'graphql-idempotency (onCrash: REJECT)' },
  { name: 'set-nx', title: 'lock by SET NX PX, answer in another key' },
  {
    name: 'powertools',
    title: `@aws-lambda-powertools/idempotency ${PACKAGES['@aws-lambda-powertools/idempotency']}`,
  },
  {
    name: 'node-idempotency',
    title: `@node-idempotency/core ${PACKAGES['@node-idempotency/core']}`,
  },
];

/** Points that every solution has. */
const POINTS = ['before-effect', 'after-effect', 'before-response'];

/** Installs the peers into a folder of their own; `remove` takes it away. */
export function installPeers(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'peers-'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const specs = Object.entries(PACKAGES).map(([name, version]) => `${name}@${version}`);
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--no-save', ...specs];
  execFileSync('npm', args, { cwd: folder, stdio: 'pipe' });
  return {
    folder,
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Kills and pauses workers that are protected by a yardstick. */
export async function measure(
  { name, title }: YardstickEntry,
  modules: string,
  options: ScenarioOptions,
): Promise<YardstickReport> {
  const redis = await startRedis();
  const faults = options.random.fork('faults');
  const { size } = options;
  try {
    const result = await underLoad(options, {
      name: 'yardstick',
      redis: { kind: 'standalone', port: redis.port },
      rules: { unknown: true, reruns: true, notStored: true, forgets: false },
      workers: 8,
      operations: ['hold'],
      configOf: () => (name === undefined ? {} : { yardstick: { name, modules } }),
      fault(_, { pool }) {
        if (pool.counts.kills + pool.counts.pauses >= size || !faults.chance(0.15))
          return undefined;
        return { action: faults.pick(['kill', 'stop']), point: faults.pick(POINTS) };
      },
      injected: ({ pool }) => pool.counts.kills + pool.counts.pauses,
      disturb: ({ pool }) => until(() => pool.counts.kills + pool.counts.pauses >= size, 600_000),
    });
    return {
      title,
      records: result.records,
      duplicates: recordsWith(result, 'I1'),
      differing: recordsWith(result, 'I2'),
      stuck: recordsWith(result, 'I9'),
      unknown: result.unknown,
    };
  } finally {
    await redis.stop();
  }
}

function recordsWith({ violations }: TestbedResult, invariant: Invariant): number {
  const found = violations.filter((violation) => violation.invariant === invariant);
  return new Set(found.map(({ view }) => view.name)).size;
}
