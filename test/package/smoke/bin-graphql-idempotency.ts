// needs: graphql ioredis
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const program = join(process.cwd(), 'node_modules/.bin/graphql-idempotency');
const run = (...args: string[]): string => execFileSync(program, args, { encoding: 'utf8' });

assert.match(run('--version'), /^\d+\.\d+\.\d+/);
assert.match(run('settle', '--help'), /--value <json>/);
assert.match(run('list', '--prefix', `smoke-${String(process.pid)}:`, '--json'), /^$/);
const record = `pay:${'a'.repeat(32)}`;
assert.equal(spawnSync(program, ['inspect', record]).status, 1);
assert.equal(spawnSync(program, ['inspect', 'nonsense']).status, 2);
