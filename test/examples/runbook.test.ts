import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IDEMPOTENCY_ERRORS, type IdempotencyError } from '../../src/core/errors.js';
import { refusals } from '../../src/core/refusals.js';
import {
  databaseProblem,
  ioredisSettingProblems,
} from '../../src/stores/redis/clients/ioredis/ioredis-settings.js';
import type { IoRedisLike } from '../../src/stores/redis/index.js';
import { nodeRedisSettingProblems } from '../../src/stores/redis/clients/node-redis/node-redis-settings.js';
import { infoProblems } from '../../src/stores/redis/setup-check/info-problems.js';
import { sdl, startServer } from '../graphql/apollo.js';

const ROOT = join(__dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const runbook = read('docs/errors.md');

/** The names of all events, as their union spells them. */
const events = [...read('src/core/events.ts').matchAll(/readonly type: '(\w+)'/g)].map(
  ([, name = '']) => name,
);

/** The beginnings of what the check at start says about a Redis that it cannot ask or use. */
function startUpSentences(): string[] {
  const sources = ['setup-check/start-up-check', 'redis-store'].map((name) =>
    read(`src/stores/redis/${name}.ts`),
  );
  const sentence = /`((?:The |Redis )[^`$]+?[:s]) \$\{/g;
  const found = sources.flatMap((source) => [...source.matchAll(sentence)]);
  return found.map(([, beginning = '']) => beginning);
}

type Told = [code: string, message: string];

/** What the engine refuses with. */
function refusalsOfTheEngine(): Told[] {
  const all: Record<keyof typeof refusals, IdempotencyError> = {
    outcomeUnknown: refusals.outcomeUnknown(),
    stepUnknown: refusals.stepUnknown('charge'),
    commitUnknown: refusals.commitUnknown(undefined),
    resultUnavailable: refusals.resultUnavailable(),
    otherSelection: refusals.otherSelection(),
    unreadable: refusals.unreadable(),
    stepUnavailable: refusals.stepUnavailable('charge'),
    transactionUnavailable: refusals.transactionUnavailable('pay', undefined),
    storeUnavailable: refusals.storeUnavailable(undefined),
    stepNotStarted: refusals.stepNotStarted('charge', undefined),
    concurrent: refusals.concurrent(1),
    superseded: refusals.superseded(),
    sealed: refusals.sealed(),
    mismatch: refusals.mismatch(),
  };
  return Object.values(all).map(({ code, message }) => [code, message]);
}

/** What a server refuses before it asks for a record. */
async function refusedRequests(): Promise<Told[]> {
  const schema = sdl(
    `type Query { ping: String }
     type Mutation { createPayment(amount: Int, idempotencyKey: String): Int @idempotent }`,
    {},
  );
  const server = await startServer(schema);
  const keyed = { headers: { 'idempotency-key': 'k1' } };
  const many = Array.from({ length: 11 }, (_, at) => `p${String(at)}: createPayment`).join(' ');
  const responses = [
    await server.post('mutation { createPayment }'),
    await server.post('mutation { createPayment(idempotencyKey: "k 1") }'),
    await server.post('mutation { createPayment(idempotencyKey: "k2") }', keyed),
    await server.post('mutation { a: createPayment b: createPayment }', keyed),
    await server.post('mutation { createPayment }', { ...keyed, user: null }),
    await server.post(`mutation { ${many} }`),
  ];
  await server.stop();
  return responses.map(({ body }) => {
    const [error] = body.errors ?? [];
    return [String(error?.extensions['code']), String(error?.message)];
  });
}

describe('the runbook', () => {
  it.each(Object.keys(IDEMPOTENCY_ERRORS))('has a section for %s', (code) => {
    expect(runbook).toContain(`\n### ${code}\n`);
    expect(runbook).toContain(`| [${code}](#${code.toLowerCase()})`);
  });

  it('says something about each event', () => {
    expect(events.length).toBeGreaterThan(15);
    const told = (name: string): boolean =>
      runbook.includes(`\n### ${name}\n`) || runbook.includes(`\`${name}\``);
    expect(events.filter((name) => !told(name))).toEqual([]);
  });

  it('quotes under each code what clients see, and nothing else', async () => {
    const quotes = runbook.split('\n### ').flatMap((section) => {
      const code = /^IDEMPOTENCY_\w+/.exec(section)?.[0];
      return [...section.matchAll(/(?:^> .*\n)+/gm)].map(([quote]) => [
        code,
        quote.replace(/^> /gm, '').replace(/\s+/g, ' ').trim(),
      ]);
    });
    const told = [...(await refusedRequests()), ...refusalsOfTheEngine()];
    expect(new Set(told.map(([code]) => code))).toEqual(new Set(Object.keys(IDEMPOTENCY_ERRORS)));
    expect(quotes.sort()).toEqual(told.sort());
  });

  it('has a row for everything that a store can find wrong with a Redis', () => {
    const rows = [...runbook.matchAll(/^\| (`.*?`) +\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text),
    );
    const has = (problem: string): boolean =>
      rows.some((row) => {
        const parts = row.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
        return new RegExp(`^${parts.join('.*')}`).test(problem);
      });
    const replica = (number: number): string => `slave${String(number)}:ip=::1,state=online`;
    const bad = ['redis_version:6.2.7', 'role:slave', 'maxmemory_policy:allkeys-lru'];
    bad.push('aof_enabled:0', 'aof_last_write_status:err');
    const problems = [
      infoProblems([...bad, replica(0)].join('\r\n'), undefined),
      infoProblems('', 'all'),
      infoProblems([replica(0), replica(1)].join('\r\n'), 1),
    ].flat();
    const client = { options: { socketTimeout: 1 }, condition: { select: 1 } } as IoRedisLike;
    problems.push(...ioredisSettingProblems(client, 2), String(databaseProblem(client)));
    problems.push(...ioredisSettingProblems({ ...client, options: {} }, undefined));
    problems.push(
      ...nodeRedisSettingProblems({ keyPrefix: 'a' }, undefined),
      ...nodeRedisSettingProblems({ socket: { socketTimeout: 1 } }, 2),
    );
    expect(problems).toHaveLength(16);
    expect(problems.filter((problem) => !has(problem))).toEqual([]);
    const sentences = startUpSentences();
    expect(sentences.length).toBeGreaterThan(4);
    const missing = sentences.filter((text) => !rows.some((row) => row.startsWith(text)));
    expect(missing).toEqual([]);
  });

  it('and the list of events name the same events', () => {
    const page = read('docs/observability.md');
    expect(events.filter((name) => !page.includes(`| \`${name}\``))).toEqual([]);
  });
});
