import { aesGcmCipher, idempotentField, MemoryStore } from '../../../src/index.js';
import { openTelemetry } from '../../../src/opentelemetry/index.js';
import {
  DatabaseStore,
  fromBetterSqlite3,
  fromDrizzle,
  fromPg,
  pruneOutcomes,
} from '../../../src/stores/database/index.js';
import { RedisStore } from '../../../src/stores/redis/index.js';
import { Idempotent } from '../../../src/type-graphql/index.js';
import { messageOf } from '../../../src/core/values/message-of.js';
import { openEngine, outcome, request } from '../../support/executions.js';
import { execute } from '../../support/execute.js';
import { ManualClock } from '../../support/manual-clock.js';

// A misspelled name would leave its option at the default: `atMostOnce` and `isolation` decide whether
// something may happen twice.

const SQLITE = { prepare: () => undefined, exec: () => undefined };
const PG = { connect: () => undefined, query: () => undefined, end: () => undefined };
const DATABASE = fromBetterSqlite3(SQLITE as never);
/** A database of Drizzle, by what the adapter looks at. */
const DRIZZLE: object = Object.create({
  constructor: { [Symbol.for('drizzle:entityKind')]: 'PgDatabase' },
}) as object;
const MISSPELLED: object = { misspelled: true };

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

describe('an option that does not exist is refused by', () => {
  it.each<[string, () => unknown]>([
    ['MemoryStore', () => new MemoryStore(MISSPELLED)],
    ['DatabaseStore', () => new DatabaseStore(DATABASE, MISSPELLED)],
    ['RedisStore', () => new RedisStore({} as never, MISSPELLED as never)],
    ['aesGcmCipher', () => aesGcmCipher(MISSPELLED as never)],
    ['openTelemetry', () => openTelemetry(MISSPELLED)],
    ['fromBetterSqlite3', () => fromBetterSqlite3(SQLITE as never, MISSPELLED)],
    ['fromPg', () => fromPg(PG as never, MISSPELLED)],
    ['drizzle', () => fromDrizzle(DRIZZLE as never, { sql: () => 0, misspelled: 1 } as never)],
    ['Idempotent', () => Idempotent(MISSPELLED)],
    ['idempotentField', () => idempotentField(MISSPELLED as never, () => null)],
  ])('%s', (_, make) => {
    expect(make).toThrow(/no (option|argument) "misspelled"/);
  });

  it('pruneOutcomes', async () => {
    const pruning = pruneOutcomes(DATABASE, MISSPELLED);
    await expect(pruning).rejects.toThrow('pruneOutcomes: There is no option "misspelled".');
  });

  it('step, transaction and downstreamKey, before anything runs', async () => {
    const clock = new ManualClock();
    const engine = openEngine(new MemoryStore({ clock }), clock, []);
    const ran: string[] = [];
    const run = (): string => String(ran.push('run'));
    const refused: unknown[] = [];
    await execute(
      engine,
      request({
        async run({ step, transaction, downstreamKey }) {
          refused.push(await step('a', run, MISSPELLED).catch(messageOf));
          refused.push(await transaction(DATABASE, run, MISSPELLED).catch(messageOf));
          refused.push(messageOf(thrownBy(() => downstreamKey('b', MISSPELLED))));
          return outcome('done');
        },
      }),
    );
    expect(refused).toEqual([
      'step: There is no option "misspelled".',
      'transaction: There is no option "misspelled".',
      'downstreamKey: There is no option "misspelled".',
    ]);
    expect(ran).toEqual([]);
  });
});

it('an option without a value is as good as none', () => {
  expect(() => new MemoryStore({ misspelled: undefined } as object)).not.toThrow();
});

it('names that every object has are no options either', () => {
  expect(() => new MemoryStore(JSON.parse('{ "toString": 1 }') as object)).toThrow('"toString"');
});
