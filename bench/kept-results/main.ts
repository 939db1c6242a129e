import { spreadOf } from '../statistics.js';
import { codecActs, startResultServer, type Act, type ResultServer } from './subjects.js';

/** Two acts whose CPU time is compared. */
interface Comparison {
  readonly what: string;
  readonly act: Act;
  readonly comparedWith: string;
  readonly other: Act;
  /** How often each runs in a round. */
  readonly times: number;
}

interface Result extends Comparison {
  /** CPU time of one act, in microseconds, round by round. */
  readonly one: readonly number[];
  readonly ofOther: readonly number[];
}

const ROUNDS = 11;
const REQUESTS = 1_000;
const WARM_UP_ROUNDS = 3;

/** What values and responses cost, in this process: prints a table of medians. */
async function main(): Promise<void> {
  const measured = await startResultServer();
  // It never replays a response.
  const untouched = await startResultServer();
  const results = [
    ...(await compareAll(codecComparisons(1_000, 2_000))),
    ...(await compareAll(codecComparisons(50_000, 100))),
    ...(await compareAll(besideOthers(measured, untouched, 'before the first response replay'))),
    ...(await compareAll(resultComparisons(measured))),
    ...(await compareAll(besideOthers(measured, untouched, 'after response replays'))),
  ];
  console.log(tableOf(results));
}

function codecComparisons(bytes: number, times: number): Comparison[] {
  const { encode, decode, stringify, parse } = codecActs(bytes);
  const size = `${String(bytes / 1_000)} KB`;
  return [
    {
      what: `encode ${size}`,
      act: encode,
      comparedWith: 'JSON.stringify',
      other: stringify,
      times,
    },
    { what: `decode ${size}`, act: decode, comparedWith: 'JSON.parse', other: parse, times },
  ];
}

function resultComparisons(server: ResultServer): Comparison[] {
  const times = REQUESTS;
  return [
    {
      ...{ what: 'first execution, an instance', act: server.firstOfInstance },
      ...{ comparedWith: 'the same with a row', other: server.firstOfRow, times },
    },
    {
      ...{ what: 'replay of a response', act: server.replayOfInstance },
      ...{ comparedWith: 'replay of a value', other: server.replayOfRow, times },
    },
  ];
}

/** Requests that have no business with results, at a server and at one that stays as it was. */
function besideOthers(server: ResultServer, untouched: ResultServer, when: string): Comparison[] {
  const comparedWith = 'a server without response replays';
  const times = REQUESTS;
  return [
    { what: `query, ${when}`, act: server.query, comparedWith, other: untouched.query, times },
    {
      ...{ what: `unmarked mutation, ${when}`, act: server.unmarked },
      ...{ comparedWith, other: untouched.unmarked, times },
    },
  ];
}

async function compareAll(comparisons: readonly Comparison[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const comparison of comparisons) results.push(await compare(comparison));
  return results;
}

async function compare(comparison: Comparison): Promise<Result> {
  const { act, other, times } = comparison;
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) {
    await cpuOf(act, times);
    await cpuOf(other, times);
  }
  const [one, ofOther]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    // Neither is always the first.
    if (round % 2 === 0) one.push(await cpuOf(act, times));
    ofOther.push(await cpuOf(other, times));
    if (round % 2 === 1) one.push(await cpuOf(act, times));
  }
  return { ...comparison, one, ofOther };
}

/** CPU time of one act, in microseconds. */
async function cpuOf(act: Act, times: number): Promise<number> {
  const before = process.cpuUsage();
  for (let turn = 0; turn < times; turn += 1) {
    const end = act();
    if (end instanceof Promise) await end;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

function tableOf(results: readonly Result[]): string {
  const rows = results.map(({ what, one, comparedWith, ofOther }) => {
    const ratio = spreadOf(one.map((cpu, round) => cpu / (ofOther[round] ?? NaN)));
    const range = `${ratio.min.toFixed(2)}-${ratio.max.toFixed(2)}`;
    const [cpu, ofOthers] = [one, ofOther].map((list) => `${spreadOf(list).median.toFixed(1)} µs`);
    return [what, cpu, comparedWith, ofOthers, `${ratio.median.toFixed(2)}x (${range})`];
  });
  const head = ['what', 'CPU', 'compared with', 'CPU of that', 'ratio'];
  const line = (cells: readonly unknown[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
