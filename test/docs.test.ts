import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CLIENT_DEFAULTS } from '../src/client/core/settings.js';
import { IDEMPOTENCY_ERRORS } from '../src/core/errors.js';
import { OPTION_ROWS } from '../src/core/options/option-table.js';
import { readPublicNames } from './package/public-names.js';

const read = (path: string): string => readFileSync(join(__dirname, '..', path), 'utf8');

function* testFiles(folder: string): Iterable<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* testFiles(path);
    else if (/\.test\.tsx?$/.test(name)) yield path;
  }
}

/** The rows of a Markdown table whose first cell is code. */
function tableRows(markdown: string): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const [, name = '', rest = ''] of markdown.matchAll(/^\| `([^`]+)` *\|(.*)\|$/gm)) {
    rows.set(
      name,
      rest.split('|').map((cell) => cell.trim()),
    );
  }
  return rows;
}

describe('the documentation', () => {
  it('has a test for each of its guarantees', () => {
    const guarantees = [...read('docs/semantics.md').matchAll(/\*\*(G\d+) /g)].map(([, id]) => id);
    const tests = [...testFiles(__dirname)].map((path) => readFileSync(path, 'utf8')).join('\n');
    const cited = new Set(
      [...tests.matchAll(/\((G\d+(?:, G\d+)*)\)/g)].flatMap(([, ids]) => ids?.split(', ') ?? []),
    );
    expect(guarantees.length).toBeGreaterThan(20);
    expect(guarantees.filter((id) => id === undefined || !cited.has(id))).toEqual([]);
    expect([...cited].filter((id) => !guarantees.includes(id))).toEqual([]);
  });

  describe.each(OPTION_ROWS)('on the option %s', (name, row) => {
    const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
    const stated =
      row.kind === 'whole number'
        ? [`${grouped(row.min)} to ${grouped(row.max)}`]
        : Object.keys(row.kind === 'choice' ? row.choices : {});

    it('states its default and its range where users look options up', () => {
      const [perMutation = '', perServer = ''] = read('docs/options.md').split('## Per server');
      const [value, meaning] = tableRows(row.perMutation ? perMutation : perServer).get(name) ?? [];
      if (row.default === undefined) expect(value).toBeDefined();
      else expect(value?.replaceAll('`', '')).toBe(String(row.default));
      for (const text of stated) expect(meaning).toContain(text);
    });

    it('states them where an editor shows them', () => {
      const source = read('src/core/options/options.ts');
      const comment = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s+readonly ${name}\\??:`).exec(
        source,
      );
      const text = (comment?.[1] ?? '').replace(/\s*\n\s*\* ?/g, ' ');
      for (const part of stated) expect(text).toContain(part);
      if (row.default === undefined) expect(text).not.toContain('@defaultValue');
      else expect(text.replaceAll("'", '')).toContain(`@defaultValue ${String(row.default)}`);
      if (row.kind === 'whole number' && row.unit !== 'fields') expect(text).toContain(row.unit);
    });
  });

  it('lists the options of the client link with their true defaults', () => {
    const rows = tableRows(read('docs/clients.md'));
    const stated = Object.keys(CLIENT_DEFAULTS).map((option) => [
      option,
      rows.get(option)?.[0]?.replaceAll('`', ''),
    ]);
    expect(stated).toEqual(
      Object.entries(CLIENT_DEFAULTS).map(([option, value]) => [option, String(value)]),
    );
  });

  it('lists the error codes with what they mean for a retry', () => {
    const rows = new Map(
      [...read('docs/errors.md').matchAll(/^\| \[(IDEMPOTENCY_\w+)\]\([^|]*\|(.*)\|$/gm)].map(
        ([, code = '', rest = '']) => [code, rest.split('|').map((cell) => cell.trim())],
      ),
    );
    const stated = [...rows].map(([code, [, retryable, status]]) => [code, retryable, status]);
    const meant = Object.entries(IDEMPOTENCY_ERRORS).map(([code, { retryable, httpStatus }]) => [
      code,
      retryable ? 'yes' : 'no',
      String(httpStatus),
    ]);
    expect(stated.sort()).toEqual(meant.sort());
  });
});

describe('the package', () => {
  const entries = readPublicNames();

  it('exports these names', () => {
    const names = Object.fromEntries([...entries].map(([entry, { names }]) => [entry, names]));
    expect(names).toMatchInlineSnapshot(`
     {
       ".": [
         "class IdempotencyError",
         "class MemoryStore",
         "function aesGcmCipher",
         "function applyIdempotency",
         "function createIdempotency",
         "function idempotencyOf",
         "function idempotencyPlugin",
         "function idempotentField",
         "interface AboutAttempt",
         "interface AboutOutcome",
         "interface AboutRecord",
         "interface AesGcmCipherOptions",
         "interface ApolloRequestLike",
         "interface ApolloResponseLike",
         "interface ApolloServerLike",
         "interface AttemptState",
         "interface BeginRequest",
         "interface Cipher",
         "interface Claimed",
         "interface Clock",
         "interface CompleteRequest",
         "interface Completed",
         "interface Execution",
         "interface FieldSpan",
         "interface ForgetRequest",
         "interface Idempotency",
         "interface IdempotencyErrorOptions",
         "interface IdempotencyExecutionListener",
         "interface IdempotencyOptions",
         "interface IdempotencyPlugin",
         "interface IdempotencyPolicy",
         "interface IdempotencyRequestListener",
         "interface IdempotencyServerListener",
         "interface IdempotencyStore",
         "interface IdempotentDatabase",
         "interface IdempotentField",
         "interface IdempotentFieldPolicy",
         "interface IdempotentRequest",
         "interface IdempotentResponse",
         "interface InspectedAttempt",
         "interface Lapsed",
         "interface MemoryStoreOptions",
         "interface Mismatch",
         "interface OutcomeState",
         "interface PeekRequest",
         "interface RecordAdmin",
         "interface RecordedStep",
         "interface RecoverRequest",
         "interface ReleaseRequest",
         "interface RenewRequest",
         "interface Running",
         "interface SettleRequest",
         "interface StepOptions",
         "interface StepRequest",
         "interface StoreCheck",
         "interface StoredOutcome",
         "interface StoredProperty",
         "interface Telemetry",
         "interface TraceContext",
         "interface TransactionOptions",
         "interface TransactionTry",
         "interface Transition",
         "interface Unreadable",
         "interface Vacant",
         "type BeginReply",
         "type ChangeReply",
         "type CompleteReply",
         "type DigestSecret",
         "type EventListener",
         "type Found",
         "type IdempotencyErrorCode",
         "type IdempotencyEvent",
         "type IdempotencyPolicyOptions",
         "type Inspection",
         "type LapsePolicy",
         "type MutationResolver",
         "type OnCrash",
         "type OnError",
         "type OutcomeStatus",
         "type PeekReply",
         "type RecordState",
         "type Recover",
         "type RecoverReply",
         "type Redact",
         "type ReleaseMode",
         "type ReleaseReply",
         "type RenewReply",
         "type RequestHeaders",
         "type Settlement",
         "type StepReply",
         "type StepState",
         "value EVENTS_CHANNEL",
         "value IDEMPOTENCY_DEFAULTS",
         "value idempotentDirective",
         "value idempotentTypeDefs",
         "value recordMachine",
       ],
       "./client": [
         "class Attempts",
         "class IdempotentMutations",
         "function idempotencyReports",
         "function isReplay",
         "function retryableRefusal",
         "interface AnswerLike",
         "interface DueRetry",
         "interface IdempotencyClientOptions",
         "interface IdempotencyReport",
         "interface IdempotentField",
         "interface IdempotentOperation",
         "interface KeyedMutation",
         "interface MutationInfo",
         "interface MutationRequest",
         "interface PlannedRetry",
         "interface Refusal",
         "interface RetryCause",
         "interface ShownAnswer",
         "interface ShownError",
         "type IdempotentFields",
         "type IdempotentOperations",
       ],
       "./client/apollo": [
         "class IdempotencyLink",
         "interface IdempotencyClientOptions",
       ],
       "./client/apollo/react": [
         "function useIdempotentMutation",
         "interface IntentHookOptions",
         "interface IntentHookResult",
       ],
       "./client/fetch": [
         "function withIdempotency",
         "interface IdempotencyClientOptions",
         "type Fetcher",
       ],
       "./client/offline": [
         "class OfflineQueue",
         "interface OfflineProblem",
         "interface OfflineQueueOptions",
         "interface QueuedMutation",
       ],
       "./client/react": [
         "function useIntent",
         "interface IntentCall",
         "interface IntentControls",
         "interface IntentHandle",
         "interface IntentHookOptions",
         "interface IntentState",
         "interface ShownAnswer",
         "interface ShownError",
       ],
       "./client/relay": [
         "function idempotentFetch",
         "function intentConfig",
         "interface IdempotencyClientOptions",
         "interface RelayCacheConfig",
         "interface RelayFetchContext",
         "interface RelayObserver",
         "interface RelayRequest",
         "interface RelaySubscribable",
         "interface RelaySubscription",
         "interface ShownAnswer",
         "interface ShownError",
         "type RelayFetchFunction",
         "type RelayResult",
       ],
       "./client/urql": [
         "function idempotencyExchange",
         "interface IdempotencyClientOptions",
       ],
       "./client/urql/react": [
         "function useIdempotentMutation",
         "interface IdempotentMutationState",
         "interface IntentHookOptions",
         "interface IntentState",
         "type ExecuteIdempotentMutation",
       ],
       "./codegen": [
         "function plugin",
         "interface CodegenDocument",
         "interface CodegenInfo",
         "interface IdempotencyCodegenConfig",
       ],
       "./database": [
         "class DatabaseStore",
         "function checkDatabase",
         "function fromBetterSqlite3",
         "function fromDrizzle",
         "function fromKnex",
         "function fromKysely",
         "function fromLibsql",
         "function fromMikroOrm",
         "function fromMysql2",
         "function fromPg",
         "function fromPostgresJs",
         "function fromPrisma",
         "function fromSequelize",
         "function fromTypeOrm",
         "function outcomeTable",
         "function pruneOutcomes",
         "interface DatabaseOptions",
         "interface DatabaseStoreOptions",
         "interface DrizzleOptions",
         "interface IdempotentDatabase",
         "interface OpenTransaction",
         "interface PgOptions",
         "interface PruneOptions",
         "interface RunOptions",
         "type Awaitable",
         "type IsolationLevel",
         "type SqlDialect",
         "type SqlParameter",
         "type SqlQuery",
         "type SqlRow",
       ],
       "./mercurius": [
         "function mercuriusIdempotency",
         "interface MercuriusApp",
       ],
       "./nestjs": [
         "class IdempotencyModule",
         "function CurrentExecution",
         "function Idempotent",
         "interface IdempotencyModuleAsyncOptions",
         "interface IdempotencyModuleOptions",
         "interface IdempotentOptions",
       ],
       "./opentelemetry": [
         "function openTelemetry",
         "interface OpenTelemetryOptions",
       ],
       "./redis": [
         "class RedisStore",
         "interface IoRedisCommandsLike",
         "interface IoRedisConnectionLike",
         "interface IoRedisLike",
         "interface IoRedisPipelineLike",
         "interface NodeRedisClientLike",
         "interface NodeRedisClusterLike",
         "interface NodeRedisCommandOptions",
         "interface NodeRedisConnectionLike",
         "interface NodeRedisNodeLike",
         "interface NodeRedisOptions",
         "interface NodeRedisPrimaryLike",
         "interface NodeRedisSentinelLike",
         "interface RedisStoreOptions",
         "type RedisArgument",
         "type RedisLike",
       ],
       "./testing": [
         "interface StoreContractCase",
         "interface StoreSubject",
         "value storeContract",
       ],
       "./type-graphql": [
         "function CurrentExecution",
         "function Idempotent",
         "interface IdempotentOptions",
       ],
       "./yoga": [
         "function useIdempotency",
         "interface EnvelopExecution",
         "interface EnvelopIdempotencyOptions",
         "interface IdempotencyEnvelopPlugin",
       ],
     }
    `);
  });

  it('says something about each of its options', () => {
    expect([...entries.values()].flatMap((entry) => entry.undocumentedOptions)).toEqual([]);
  });
});
