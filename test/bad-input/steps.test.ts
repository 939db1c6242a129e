import type { GraphQLResolveInfo } from 'graphql';
import { recordIdOf } from '../../src/core/record/key.js';
import {
  idempotencyOf,
  MemoryStore,
  type Execution,
  type IdempotencyOptions,
  type IdempotencyStore,
} from '../../src/index.js';
import { RedisStore } from '../../src/stores/redis/index.js';
import { codes, type TestContext } from '../graphql/apollo.js';
import { PREFIX, SERVICE } from '../support/redis-keys.js';
import { useRedis } from '../support/use-redis.js';
import { readColumn, writeColumn } from '../support/stored-claim.js';
import { PAY, payments } from './payments.js';
import { startSubject, statusOf, withKey, type Subject } from './subject.js';

const redis = useRedis();

/** Starts a server whose resolver is given its execution; every attempt runs the next of `acts`. */
function startWith(
  acts: ((execution: Execution) => Promise<unknown>)[],
  options: Partial<IdempotencyOptions<TestContext>>,
): Promise<Subject> {
  const pay = async (...call: readonly unknown[]): Promise<object> => {
    const execution = idempotencyOf(call[3] as GraphQLResolveInfo);
    if (execution === undefined) throw new Error('There is no execution.');
    await acts.shift()?.(execution);
    return { id: '1', amount: 5 };
  };
  return startSubject(payments({ mutations: { pay }, options }));
}

const stores: [string, () => IdempotencyStore][] = [
  ['in memory', () => new MemoryStore()],
  ['on Redis', () => new RedisStore(redis.client, { service: SERVICE })],
];

describe.each(stores)('a step %s', (_, open) => {
  let ran: string[];
  beforeEach(() => {
    ran = [];
  });
  const noting = (name: string) => (): string => {
    ran.push(name);
    return name;
  };
  const failure = (): never => {
    throw new Error('failure');
  };
  const start = (...acts: ((execution: Execution) => Promise<unknown>)[]): Promise<Subject> =>
    startWith(acts, { store: open() });

  it.each<[string, unknown]>([
    ['row 123: an empty name', ''],
    ['row 123: a name of 256 characters', 'x'.repeat(256)],
    ['row 123: a name of a megabyte', 'x'.repeat(1_048_576)],
    ['row 123: half of a surrogate pair as a name', '\ud800'],
    ['row 123: a number as a name', 7],
    ['row 123: no name', undefined],
  ])('%s is refused, and the step does not run', async (_title, name) => {
    const subject = await start(({ step }) => step(name as string, noting('step')));
    const response = await subject.post(PAY, withKey('k1'));
    expect(response.body.errors?.[0]?.message).toContain('the name must have 1 to 255 characters');
    expect(ran).toEqual([]);
    expect(subject.asked).toEqual(['begin', 'release']);
    await subject.stop();
  });

  it.each([
    ['row 123: __proto__', '__proto__'],
    ['row 123: constructor', 'constructor'],
    ['row 123: the name of a field of the record', 'own'],
    ['row 123: a name of 255 characters', 'é'.repeat(255)],
  ])('%s is an ordinary name', async (_title, name) => {
    const recalled: unknown[] = [];
    const act = async ({ step }: Execution): Promise<void> => {
      recalled.push(await step(name, noting('step')));
    };
    const subject = await start((execution) => act(execution).then(failure), act);
    await subject.post(PAY, withKey('k1'));
    expect((await subject.post(PAY, withKey('k1'))).body.errors).toBeUndefined();
    expect([ran, recalled]).toEqual([['step'], ['step', 'step']]);
    await subject.stop();
  });

  it('row 123: a name that is used twice in one attempt throws at its second use', async () => {
    const subject = await start(async ({ step }) => {
      await step('same', noting('first'));
      await step('same', noting('second'));
    });
    const response = await subject.post(PAY, withKey('k1'));
    expect(response.body.errors?.[0]?.message).toContain('the name "same" was already used');
    expect(ran).toEqual(['first']);
    await subject.stop();
  });

  it('row 123: steps in another order are recalled by their names', async () => {
    const recalled: string[] = [];
    const act =
      (names: readonly string[]) =>
      async ({ step }: Execution): Promise<void> => {
        for (const name of names) recalled.push(await step(name, noting(name)));
      };
    const subject = await start(
      (execution) => act(['a', 'b'])(execution).then(failure),
      act(['b', 'c', 'a']),
    );
    await subject.post(PAY, withKey('k1'));
    await subject.post(PAY, withKey('k1'));
    expect(recalled).toEqual(['a', 'b', 'b', 'c', 'a']);
    expect(ran).toEqual(['a', 'b', 'c']);
    await subject.stop();
  });

  it('row 124: the step after the thousandth is refused, and does not run', async () => {
    const subject = await start(async ({ step }) => {
      for (let count = 0; count < 1_000; count += 1) await step(String(count), () => count);
      await step('one more', noting('one more'));
    });
    const response = await subject.post(PAY, withKey('k1'));
    expect(response.body.errors?.[0]?.message).toContain('at most 1000 steps');
    expect(subject.asked.filter((asked) => asked === 'step')).toHaveLength(1_000);
    expect(ran).toEqual([]);
    await subject.stop();
  });

  it('row 124: a value beyond 4 MiB in all is given to this attempt, and never computed again', async () => {
    const megabyte = 'x'.repeat(1_000_000);
    const names = ['a', 'b', 'c', 'd', 'e'];
    const act = async ({ step }: Execution): Promise<void> => {
      for (const name of names) {
        const value = await step(name, () => {
          ran.push(name);
          return megabyte;
        });
        expect(value).toBe(megabyte);
      }
    };
    const subject = await start((execution) => act(execution).then(failure), act);
    expect(codes(await subject.post(PAY, withKey('k1')))).toEqual(['INTERNAL_SERVER_ERROR']);
    expect(codes(await subject.post(PAY, withKey('k1')))).toEqual([
      'IDEMPOTENCY_RESULT_UNAVAILABLE',
    ]);
    expect(ran).toEqual(names);
    expect(subject.events).toContainEqual({
      type: 'unavailable',
      place: [],
      operation: 'Mutation.pay',
      recordId: expect.stringMatching(/^pay:/) as string,
      attempt: 1,
      reason: expect.stringContaining('Step "e": ') as string,
    });
    await subject.stop();
  });

  it('row 125: steps that run beside each other are independent', async () => {
    const recalled: string[][] = [];
    const act = async ({ step }: Execution): Promise<void> => {
      const names = ['a', 'b', 'c'];
      recalled.push(await Promise.all(names.map((name) => step(name, noting(name)))));
    };
    const subject = await start((execution) => act(execution).then(failure), act);
    await subject.post(PAY, withKey('k1'));
    await subject.post(PAY, withKey('k1'));
    expect(recalled).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
    expect(ran).toEqual(['a', 'b', 'c']);
    await subject.stop();
  });

  it('row 126: a step after the execution ended does not run', async () => {
    let late: Execution | undefined;
    const subject = await start((execution) => {
      late = execution;
      return Promise.resolve();
    });
    await subject.post(PAY, withKey('k1'));
    await expect(late?.step('late', noting('late'))).rejects.toThrow('has ended');
    expect(ran).toEqual([]);
    expect(subject.asked).toEqual(['begin', 'complete']);
    await subject.stop();
  });
});

it('row 126: no step begins once it is known that the claim is lost', async () => {
  const key = `${PREFIX}${recordIdOf('alice', 'Mutation.pay', 'k1')}`;
  const ran: string[] = [];
  const refusals: unknown[] = [];
  const act = async ({ step, signal }: Execution): Promise<void> => {
    // Somebody else owns the record from now on.
    await writeColumn(redis.client, key, 'owner', 'x'.repeat(22));
    const attempts = [
      () => step('marked', () => ran.push('marked'), { atMostOnce: true }),
      () => step('plain', () => ran.push('plain')),
    ];
    for (const attempt of attempts) refusals.push(await attempt().catch(String));
    refusals.push(signal.aborted);
  };
  const subject = await startWith([act], {
    store: new RedisStore(redis.client, { service: SERVICE }),
    waitMs: 0,
  });
  const response = await subject.post(PAY, withKey('k1'));
  const lost = 'Error: The claim was lost to another request.';
  expect(refusals).toEqual([lost, lost, true]);
  expect(ran).toEqual([]);
  // The other owner will have the answer; this one's outcome does not count.
  expect(codes(response)).toEqual(['IDEMPOTENCY_CONCURRENT_REQUEST']);
  expect(statusOf(response, 'pay')).toBe('rejected');
  expect(await readColumn(redis.client, key, 'owner')).toBe('x'.repeat(22));
  await subject.stop();
});
