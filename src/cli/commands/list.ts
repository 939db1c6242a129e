import { operationOfRecord, recordNameOf } from '../../core/record/key.js';
import type { Inspection } from '../../core/record/record-admin.js';
import type { RedisContext, RedisCommand } from '../command.js';
import { recordJson, type Found } from '../describe.js';
import { EXIT } from '../exit-codes.js';
import { duration } from '../terminal/format.js';
import { coordinateOf } from '../options/record-name.js';
import { table } from '../terminal/table.js';
import { json, text } from '../terminal/terminal-text.js';
import { UsageError } from '../options/usage-error.js';

const STATES = ['running', 'lapsed', 'released', 'completed', 'unreadable'] as const;
const LIMIT = { min: 1, max: 100_000, otherwise: 100 };
const SCAN_MAX = { min: 1, max: 1_000_000_000, otherwise: 1_000_000 };
/** The number of records that are read together. */
const TOGETHER = 50;

export const list: RedisCommand = {
  name: 'list',
  about: 'redis',
  usage: '',
  summary: 'list records by operation and state',
  options: {
    operation: {
      value: 'name',
      help: 'only records of this mutation, as in Mutation.createPayment',
    },
    state: { value: 'state', help: `only records in this state: ${STATES.join(', ')}` },
    limit: { value: 'n', help: 'stop after this many records (default: 100)' },
    'scan-max': { value: 'n', help: 'stop after reading this many records (default: 1000000)' },
  },
  prepare: () => async (context) => {
    const { options, terminal, admin } = context;
    const operation = options.text('operation');
    const state = stateIn(options.text('state'));
    const limit = options.integer('limit', LIMIT);
    const scanMax = options.integer('scan-max', SCAN_MAX);
    const name = operation === undefined ? undefined : recordNameOf(coordinateOf(operation));
    const shown: [string, Found][] = [];
    const seen = new Set<string>();
    let stopped: string | undefined;
    for await (const batch of admin.scan(name)) {
      const ids = batch.filter((id) => !seen.has(id)).slice(0, scanMax - seen.size);
      for (const id of ids) seen.add(id);
      for (const [id, found] of await inspectAll(context, ids)) {
        if (found.state === 'absent' || (state !== undefined && found.state !== state)) continue;
        if (shown.length < limit) shown.push([id, found]);
        else stopped = `There are more than ${String(limit)}: see --limit.`;
      }
      if (seen.size >= scanMax)
        stopped ??= `Stopped after ${String(scanMax)} records: see --scan-max.`;
      terminal.progress(text`${seen.size} records read, ${shown.length} found`);
      if (stopped !== undefined) break;
    }
    terminal.progress();
    if (options.flag('json')) {
      for (const [id, found] of shown) terminal.out(json(recordJson(id, found)));
    } else if (shown.length > 0) {
      const head = ['record', 'operation', 'state', 'attempt', 'claimed', 'expires'];
      for (const line of table(head, shown.map(rowOf), terminal.bold)) terminal.out(line);
    }
    const looked = text`${shown.length} of ${seen.size} records.`;
    // A misspelled service looks like an empty one.
    const doubt = seen.size === 0 && operation === undefined;
    stopped ??= doubt ? '"doctor" lists the services in this Redis.' : undefined;
    terminal.err(stopped === undefined ? looked : text`${looked} ${stopped}`);
    return EXIT.ok;
  },
};

function stateIn(text: string | undefined): (typeof STATES)[number] | undefined {
  if (text === undefined) return undefined;
  const state = STATES.find((known) => known === text);
  if (state !== undefined) return state;
  throw new UsageError(`--state must be one of ${STATES.join(', ')}.`);
}

async function inspectAll(
  { admin }: RedisContext,
  ids: readonly string[],
): Promise<(readonly [string, Inspection])[]> {
  const found: (readonly [string, Inspection])[] = [];
  for (let from = 0; from < ids.length; from += TOGETHER) {
    const some = ids.slice(from, from + TOGETHER);
    found.push(
      ...(await Promise.all(some.map(async (id) => [id, await admin.inspect(id)] as const))),
    );
  }
  return found;
}

function rowOf([id, found]: readonly [string, Found]): string[] {
  const operation = operationOfRecord(id) ?? '';
  if (found.state === 'unreadable') return [id, operation, 'unreadable', '', '', found.reason];
  const state = found.state === 'completed' ? `completed (${found.status})` : found.state;
  const claimed = `${duration(found.nowMs - found.fence / 1_000)} ago`;
  const expires = `in ${duration(found.expiresAtMs - found.nowMs)}`;
  return [id, operation, state, String(found.attempt), claimed, expires];
}
