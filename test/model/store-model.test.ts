import fc from 'fast-check';
import { Redis } from 'ioredis';
import { holdProperty, PROPERTY_TIMEOUT_MS, propertyRun } from '../support/property-run.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { Occurrences } from '../support/occurrences.js';
import { redisCommands, storeCommands } from './store-commands.js';
import { StoreModel } from './store-model.js';
import { memorySubject, redisSubject, type Subject } from './subject.js';

/** Every kind of reply that a store can give, and what else can become of a request. */
const REPLIES = [
  'begin: claimed after none',
  'begin: claimed after lapsed',
  'begin: claimed after released',
  'begin: claimed again',
  'begin: running',
  'begin: lapsed',
  'begin: completed',
  'begin: mismatch',
  'peek: vacant',
  'peek: running',
  'peek: lapsed',
  'peek: completed',
  'peek: mismatch',
  'complete: stored',
  'complete: put back',
  'complete: superseded by a claim',
  'complete: superseded by an outcome',
  'renew: renewed',
  'renew: lost',
  'step: recorded',
  'step: lost',
  'release: released',
  'release: lost',
];
const REDIS_REPLIES = [
  'begin: late',
  'begin: unreadable',
  'peek: unreadable',
  'complete: unreadable',
  'step: late',
];

/** Sequences that are in flight at once, so that this process and Redis are both at work. */
const REDIS_LANES = 8;

/** That a store and its model reply alike, whatever the sequence of commands. */
function modelled(
  commands: typeof storeCommands,
  open: () => Subject,
  occurrences: Occurrences,
): fc.IAsyncProperty<[Iterable<unknown>]> {
  return fc.asyncProperty(commands, async (sequence) => {
    const subject = open();
    try {
      const model = new StoreModel(subject, occurrences);
      await fc.asyncModelRun(() => ({ model, real: subject }), sequence);
    } finally {
      await subject.close();
    }
  });
}

describe('a model of the record agrees', () => {
  const onMemory = propertyRun('MODEL', 2_000);
  const onRedis = propertyRun('MODEL', 1_500);
  let server: RedisServer;
  let redis: Redis;

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.port, '127.0.0.1');
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  it(
    'with MemoryStore',
    async () => {
      const occurrences = new Occurrences();
      const property = modelled(storeCommands, memorySubject, occurrences);
      const complete = await holdProperty(
        onMemory,
        1,
        () => property,
        () => ({ replies: occurrences.counts() }),
      );
      if (complete && onMemory.path === undefined) expect(occurrences.missing(REPLIES)).toEqual([]);
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'with RedisStore',
    async () => {
      const occurrences = new Occurrences();
      const complete = await holdProperty(
        onRedis,
        REDIS_LANES,
        (lane) => {
          let sequence = 0;
          const open = (): Subject => redisSubject(redis, `${lane}-${(sequence += 1)}`);
          return modelled(redisCommands, open, occurrences);
        },
        () => ({ replies: occurrences.counts() }),
      );
      if (complete && onRedis.path === undefined) {
        expect(occurrences.missing([...REPLIES, ...REDIS_REPLIES])).toEqual([]);
      }
    },
    PROPERTY_TIMEOUT_MS,
  );
});
