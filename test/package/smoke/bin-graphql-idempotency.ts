// needs: graphql ioredis
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';

// By its link, as npx finds it, and with the Node that runs this.
const program = realpathSync('node_modules/.bin/graphql-idempotency');

const SERVICE = ['--service', `smoke-${String(process.pid)}`];

function run(...args: string[]): { status: number | null; stdout: string } {
  return spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
}

assert.match(run('--version').stdout, /^\d+\.\d+\.\d+/);
assert.match(run('settle', '--help').stdout, /--value <json>/);
const list = run('list', ...SERVICE, '--json');
assert.deepEqual([list.status, list.stdout], [0, '']);
assert.equal(run('inspect', `pay:${'a'.repeat(32)}`, ...SERVICE).status, 1);
assert.equal(run('inspect', 'nonsense', ...SERVICE).status, 2);
