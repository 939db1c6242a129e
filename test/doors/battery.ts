import type { GraphQLSchema } from 'graphql';
import { MemoryStore, type IdempotencyEvent } from '../../src/index.js';
import { ManualClock, settle } from '../support/manual-clock.js';
import { until } from '../support/until.js';
import type { Door, DoorAnswer, DoorOptions, StartedDoor } from './door.js';
import { AMOUNTS, Payments } from './payments.js';

const SELECTION = '{ __typename ... on Payment { id amount at } ... on Declined { reason } }';

/** A payment, with its key as an argument, if it has one. */
function pay(amount: number, key?: string, rest = SELECTION): string {
  const keyArgument = key === undefined ? '' : `, idempotencyKey: ${JSON.stringify(key)}`;
  return `pay(amount: ${String(amount)}${keyArgument}) ${rest}`;
}

const mutation = (...fields: readonly string[]): string => `mutation { ${fields.join(' ')} }`;

function codesOf({ errors = [] }: DoorAnswer): unknown[] {
  return errors.map(({ extensions }) => extensions?.['code']);
}

const statusOf = ({ extensions }: DoorAnswer, field = 'pay'): unknown =>
  extensions?.idempotency?.[field]?.['status'];

/** The promises of every door, whatever its server. */
export function describeDoor<TSource = GraphQLSchema>(
  door: Door<TSource>,
  createSource: (payments: Payments) => TSource | Promise<TSource>,
): void {
  describe(`the door of ${door.name}`, () => {
    const payments = new Payments();
    let events: IdempotencyEvent[];
    /** Serves all tests that need no options; none of them meets the records of another. */
    let server: StartedDoor;
    let testNumber = 0;

    async function start(options: Partial<DoorOptions> = {}): Promise<StartedDoor> {
      return door.start(await createSource(payments), {
        store: new MemoryStore(),
        scope: ({ user }) => `${user} of test ${String(testNumber)}`,
        onEvent: (event) => events.push(event),
        ...options,
      });
    }

    beforeAll(async () => {
      server = await start();
    });
    beforeEach(() => {
      testNumber += 1;
      payments.reset();
      events = [];
    });
    afterAll(() => server.stop());

    const send = async (query: string, user = 'alice'): Promise<DoorAnswer> =>
      (await server.send({ query, user })).body;

    const PAID = { __typename: 'Payment', id: 'p1', amount: 5, at: '2030-01-01T00:00:00.000Z' };

    it('runs the first request and replays the second, types and all (G1, G2)', async () => {
      const first = await send(mutation(pay(5, 'k1')));
      const second = await send(mutation(pay(5, 'k1')));
      expect([first.data, second.data]).toEqual([{ pay: PAID }, { pay: PAID }]);
      expect([statusOf(first), statusOf(second)]).toEqual(['executed', 'replayed']);
      expect(payments.effects).toEqual([5]);
    });

    it('replays under another alias and another selection, and other types of a union', async () => {
      await send(mutation(pay(5, 'k1', '{ __typename }')));
      const other = await send(mutation(`again: ${pay(5, 'k1')}`));
      expect(other.data).toEqual({ again: PAID });
      expect(statusOf(other, 'again')).toBe('replayed');
      await send(mutation(pay(500, 'k2')));
      const declined = await send(mutation(pay(500, 'k2')));
      expect(declined.data).toEqual({ pay: { __typename: 'Declined', reason: 'TOO_MUCH' } });
      expect(payments.effects).toEqual([5, 500]);
    });

    it('keeps callers apart (G3)', async () => {
      await send(mutation(pay(5, 'k1')));
      await send(mutation(pay(5, 'k1')), 'bob');
      expect(payments.effects).toEqual([5, 5]);
    });

    it('refuses a key with other arguments (G4)', async () => {
      await send(mutation(pay(5, 'k1')));
      const refused = await send(mutation(pay(6, 'k1')));
      expect(codesOf(refused)).toEqual(['IDEMPOTENCY_KEY_PARAMETER_MISMATCH']);
      expect(payments.effects).toEqual([5]);
    });

    it.each([
      ['a missing key', pay(5), 'IDEMPOTENCY_KEY_REQUIRED'],
      ['an empty one', pay(5, ''), 'IDEMPOTENCY_KEY_INVALID'],
    ])('refuses %s before anything runs (G5)', async (_name, field, code) => {
      const refused = await send(mutation(field));
      expect(codesOf(refused)).toEqual([code]);
      // What an HTTP server would do with it is nothing for clients.
      expect(refused.errors?.[0]?.extensions).not.toHaveProperty('http');
      expect(payments.effects).toEqual([]);
    });

    it('says where to read on about an error', async () => {
      const documented = await start({ documentationUrl: 'https://docs.example/errors' });
      const { body } = await documented.send({ query: mutation(pay(5)) });
      await documented.stop();
      expect(body.errors?.[0]?.extensions).toHaveProperty(
        'documentationUrl',
        'https://docs.example/errors#idempotency-key-required',
      );
    });

    it('takes the key of `@idempotent(key:)`, from a variable', async () => {
      const query = `mutation M($key: String) { pay(amount: 5) @idempotent(key: $key) ${SELECTION} }`;
      const variables = { key: 'k1' };
      await server.send({ query, variables });
      const { body } = await server.send({ query, variables });
      expect([statusOf(body), payments.effects]).toEqual(['replayed', [5]]);
    });

    it('refuses a directive where it means nothing', async () => {
      const refused = await send('{ ping @idempotent(key: "k1") }');
      expect(codesOf(refused)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    });

    it('lets a duplicate wait for the answer of the first', async () => {
      const both = [1, 2].map(() => send(mutation(pay(AMOUNTS.slow, 'k1'))));
      await until(() => payments.effects.length === 1);
      await settle();
      payments.endSlow();
      const [one, two] = await Promise.all(both);
      expect(one?.data).toEqual(two?.data);
      expect([one, two].map((answer) => answer && statusOf(answer)).sort()).toEqual([
        'executed',
        'replayed',
      ]);
      expect(payments.effects).toEqual([AMOUNTS.slow]);
    });

    it('asks its guard for a replay as well (G16)', async () => {
      await send(mutation(pay(5, 'k1')));
      payments.locked.add('alice');
      const refused = await send(mutation(pay(5, 'k1')));
      expect(refused.errors).toHaveLength(1);
      expect(JSON.stringify(refused.data ?? null)).not.toContain('p1');
      payments.locked.clear();
      expect(statusOf(await send(mutation(pay(5, 'k1'))))).toBe('replayed');
    });

    it('does not burn the key of a request that its guard or its resolver refused', async () => {
      payments.locked.add('alice');
      await send(mutation(pay(5, 'k1')));
      payments.locked.clear();
      payments.refusesInput = true;
      expect(codesOf(await send(mutation(pay(5, 'k1'))))).toEqual(['BAD_USER_INPUT']);
      payments.refusesInput = false;
      expect(statusOf(await send(mutation(pay(5, 'k1'))))).toBe('executed');
      expect(payments.effects).toEqual([5]);
    });

    it('replays an error that is an answer', async () => {
      const first = await send(mutation(pay(AMOUNTS.blocked, 'k1')));
      const second = await send(mutation(pay(AMOUNTS.blocked, 'k1')));
      expect([codesOf(first), codesOf(second)]).toEqual([['CARD_BLOCKED'], ['CARD_BLOCKED']]);
      expect(second.errors?.[0]?.message).toBe('The card is blocked.');
      expect(statusOf(second)).toBe('replayed');
      expect(payments.effects).toEqual([AMOUNTS.blocked]);
    });

    it('leaves queries and other mutations alone', async () => {
      expect(await send('{ ping }')).toEqual({ data: { ping: 'pong' } });
      expect(await send('mutation { log(line: "a") }')).toEqual({ data: { log: 1 } });
    });

    it('asks `recover` about a request that a dead process left behind', async () => {
      const clock = new ManualClock();
      const store = new MemoryStore({ clock });
      const dead = await start({ store, drainTimeoutMs: 0 });
      const unanswered = dead
        .send({ query: mutation(pay(AMOUNTS.slow, 'k1')) })
        .catch(() => undefined);
      await until(() => payments.effects.length === 1);
      // Ends without its answer, and nobody renews the claim any more.
      await dead.stop();
      await clock.advance(60_000);
      const asked: string[] = [];
      const revived = await start({
        store,
        recover: {
          'Mutation.pay': ({ key }) => {
            asked.push(key);
            return { value: { kind: 'Declined', reason: 'RECOVERED' } };
          },
        },
      });
      const query = mutation(pay(AMOUNTS.slow, 'k1', '{ ... on Declined { reason } }'));
      const { body } = await revived.send({ query });
      await revived.stop();
      expect(body.data).toEqual({ pay: { reason: 'RECOVERED' } });
      expect([asked, payments.effects]).toEqual([['k1'], [AMOUNTS.slow]]);
      payments.endSlow();
      await unanswered;
    });

    it('waits for what is in flight when it stops, and stores it', async () => {
      const store = new MemoryStore();
      const first = await start({ store });
      const answered = first.send({ query: mutation(pay(AMOUNTS.slow, 'k1')) }).catch(() => null);
      await until(() => payments.effects.length === 1);
      const stopped = first.stop();
      payments.endSlow();
      await stopped;
      await answered;
      const next = await start({ store });
      const { body } = await next.send({ query: mutation(pay(AMOUNTS.slow, 'k1')) });
      await next.stop();
      expect(statusOf(body)).toBe('replayed');
      expect(events.some(({ type }) => type === 'unfinished')).toBe(false);
    });

    if (door.hasHeaders) describeHeaders();
    if (door.takesBatches) describeBatches();

    function describeHeaders(): void {
      it('takes the key of the header, and says in one that it replayed (G18)', async () => {
        const request = { query: mutation(pay(5)), key: 'k1' };
        expect((await server.send(request)).replayedHeader).toBeNull();
        expect((await server.send(request)).replayedHeader).toBe('true');
        expect(payments.effects).toEqual([5]);
      });

      it('refuses one key for two intents (G6)', async () => {
        const query = mutation(`a: ${pay(5)}`, `b: ${pay(6)}`);
        const { body } = await server.send({ query, key: 'k1' });
        expect(codesOf(body)).toEqual(['IDEMPOTENCY_KEY_AMBIGUOUS']);
        expect(payments.effects).toEqual([]);
      });
    }

    function describeBatches(): void {
      it('takes a batch whose operations have a key each, and no header for all of them', async () => {
        const batch = async (queries: readonly string[], key?: string): Promise<unknown> =>
          (await server.sendBatch?.(queries, key))?.map(
            (answer) => codesOf(answer)[0] ?? statusOf(answer),
          );
        const ambiguous = 'IDEMPOTENCY_KEY_AMBIGUOUS';
        const plain = mutation(pay(5));
        expect(await batch([plain, plain], 'k1')).toEqual([ambiguous, ambiguous]);
        const keyed = [mutation(pay(5, 'a')), mutation(pay(5, 'b'))];
        expect(await batch(keyed)).toEqual(['executed', 'executed']);
        expect(await batch(keyed)).toEqual(['replayed', 'replayed']);
        expect(payments.effects).toEqual([5, 5]);
      });
    }
  });
}
