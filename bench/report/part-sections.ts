import type { BenchResults, ClusterResult } from '../results.js';
import { spreadOfAny } from './compare.js';
import { count, few, microseconds, milliseconds, share, spread, type Show } from './format.js';
import { computed } from './goals-of-parts.js';
import { section, table } from './markdown.js';
import { titleOf } from './rows.js';

/** What a completed record takes in Redis. */
export function recordSection(results: BenchResults): string {
  const known = (bytes: number | undefined): string =>
    bytes === undefined ? 'not known' : count(bytes);
  const rows = results.records.map((size) => [
    titleOf(results, size.contender),
    count(size.resultBytes),
    count(size.recordBytes),
    known(size.outcomeBytes),
    known(size.outcomeBytes && size.recordBytes - size.outcomeBytes),
    known(size.bareBytes),
  ]);
  return section(
    '## Bytes of a completed record',
    `Growth of Redis's \`used_memory\` per record: keys, tables and the allocator's rounding included, which
is up to a fifth. A bare key holds the encoded outcome and an expiry, and nothing else.`,
    table(
      ['contender', 'result as JSON', 'record', 'encoded outcome', 'beyond it', 'a bare key'],
      rows,
    ),
  );
}

/** Duplicates that wait for an owner in another process. */
export function waiterSection({ waiters }: BenchResults): string {
  const cell = (values: readonly number[], show: Show): string => spread(spreadOfAny(values), show);
  const rows = waiters.map(({ at, waiters: waiting, keys, p50Ms, p99Ms, commands }) => [
    at === 'engine' ? 'engine' : 'whole requests',
    count(waiting),
    count(keys),
    cell(p50Ms, milliseconds),
    cell(p99Ms, milliseconds),
    cell(commands, few),
  ]);
  return section(
    '## Duplicates that wait',
    `They wait in one process for owners in another. Latency is from the owner's completion to the
waiter's answer; commands are those of all waiters, from their arrival to their answer.`,
    table(['at', 'waiters', 'keys', 'p50', 'p99', 'Redis commands'], rows),
  );
}

/** What the library computes for a value. */
export function codecSection({ codec }: BenchResults): string {
  const rows = codec.map((result) => [
    count(result.jsonBytes),
    count(result.encodedBytes),
    ...[result.encodeUs, result.decodeUs, result.fingerprintUs].map((us) => microseconds(us)),
    microseconds(computed(result)),
    ...[result.jsonStringifyUs, result.jsonParseUs].map((us) => microseconds(us)),
  ]);
  const head = ['bytes as JSON', 'encoded bytes', 'encode', 'decode', 'fingerprint', 'these three'];
  return section(
    '## Encoding and fingerprints',
    'CPU for a value, and for a fingerprint of arguments, of a size; medians.',
    table([...head, '`JSON.stringify`', '`JSON.parse`'], rows),
  );
}

/** How evenly a Cluster is used. */
export function clusterSection({ cluster }: BenchResults): string {
  const title = '## Redis Cluster';
  const head = ['primary', 'slots', 'share of slots', 'share of commands', 'share of records'];
  if (cluster.nodes.length === 0) return section(title, table(head, []));
  const shares = (['slots', 'commands', 'records'] as const).map((what) => sharesOf(cluster, what));
  const rows = cluster.nodes.map(({ slots }, node) => [
    String(node + 1),
    count(slots),
    ...shares.map((parts) => share(parts[node] ?? NaN)),
  ]);
  const { firsts, replays, redirections, crossSlotErrors, nodes } = cluster;
  return section(
    title,
    `${count(nodes.length)} primaries with a replica each; ${count(firsts)} first executions and
${count(replays)} replays. Redirections: ${count(redirections)}. Refusals because of several slots:
${count(crossSlotErrors)}.`,
    table(head, rows),
  );
}

function sharesOf({ nodes }: ClusterResult, what: 'slots' | 'commands' | 'records'): number[] {
  const total = nodes.reduce((sum, node) => sum + node[what], 0);
  return nodes.map((node) => (total === 0 ? 0 : node[what] / total));
}
