import { LocalDate } from '@js-joda/core';
import BigNumber from 'bignumber.js';
import { ObjectId } from 'bson';
import dayjs from 'dayjs';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { GraphQLError, GraphQLScalarType } from 'graphql';
import { List, Map as ImmutableMap, Record as createRecord } from 'immutable';
import { DateTime } from 'luxon';
import { model, Schema } from 'mongoose';
import moment from 'moment';
import { MemoryStore } from '../../src/index.js';
import { sdl, startServer, type TestServer } from './apollo.js';

/** Counts every call of code that a result brings along, or that stands below the root field. */
let calls = 0;
let unhandled: unknown[] = [];
const note = (reason: unknown): void => {
  unhandled.push(reason);
};

class Row {
  [name: string]: unknown;
  describe(): string {
    return 'a row';
  }
}

class Hidden {
  readonly #leaf: unknown;
  constructor(leaf: unknown) {
    this.#leaf = leaf;
  }
  get leaf(): unknown {
    calls += 1;
    return this.#leaf;
  }
}

/** As relations of entities are: they load when somebody asks, and what they load has relations. */
class Related {
  readonly node: Node;
  constructor(node: Node) {
    this.node = node;
  }
  get leaf(): unknown {
    calls += 1;
    return this.node['leaf'];
  }
  get must(): unknown {
    return Promise.resolve(this.node['must']);
  }
  first(): Promise<unknown> {
    calls += 1;
    return Promise.resolve(this.node['first']);
  }
  get items(): unknown {
    return this.node['items'];
  }
  get owner(): Promise<Related> {
    calls += 1_000;
    return Promise.resolve(new Related(this.node));
  }
}

const ImmutableNode = createRecord<Node>({ leaf: null, must: null, first: null, items: [] });
const mongooseModel = model('Thing', new Schema({ name: String }));

type Node = Record<string, unknown>;

/** Money, dates and ids of libraries; each is one object, as constants of programs are. */
const LIBRARY_VALUES: readonly unknown[] = [
  new Decimal('12.34'),
  new BigNumber('12.34'),
  DateTime.fromISO('2026-01-02T03:04:05Z', { zone: 'utc' }),
  dayjs('2026-01-02T03:04:05Z'),
  moment.utc('2026-01-02T03:04:05Z'),
  LocalDate.parse('2026-01-02'),
  ObjectId.createFromHexString('0123456789abcdef01234567'),
  new URL('https://example.org/a'),
  Buffer.from('abc'),
  ImmutableMap({ a: 1 }),
  new mongooseModel({ _id: ObjectId.createFromHexString('0123456789abcdef01234567'), name: 'n' }),
  new RangeError('As a value.'),
  Symbol.for('a symbol').description,
];

/** Ways in which libraries hand an object out. */
const DRESSES: readonly ((node: Node) => unknown)[] = [
  (node) => node,
  (node) => Object.assign(Object.create(null) as Node, node),
  (node) => Object.assign(new Row(), node),
  (node) => new Proxy(node, {}),
  (node) => Promise.resolve(node),
  (node) => Object.assign(new Hidden(node['leaf']), { ...node, leaf: undefined }),
  (node) => Object.defineProperty({ ...node }, 'leaf', { value: node['leaf'], enumerable: false }),
  (node) => Object.assign({ ...node }, { [Symbol('sdk')]: 1 }),
  (node) => ({ ...node, save: () => 1 }),
  (node) => new Related(node),
  (node) => ImmutableNode(node),
  (node) => ({ ...node, price: new Decimal('1'), _id: new ObjectId() }),
  (node) => Object.freeze({ ...node }),
  (node) => Object.assign(new Error('A result.'), node),
  (node) => Object.assign(Object.create({ inherited: 1 }) as Node, node),
  (node) => ({ ...node, unselected: Promise.reject(new Error('nobody asked')) }),
  (node) =>
    Object.defineProperty({ ...node }, 'loads', {
      enumerable: true,
      get: () => {
        calls += 1_000;
        return Promise.reject(new Error('nobody asked'));
      },
    }),
];

const leaf = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, 0, -0, 1.5, 'text', true, 7n, new Date(5)),
  fc.constantFrom(...LIBRARY_VALUES),
  fc.constantFrom<() => unknown>(
    () => {
      throw new Error('A leaf failed.');
    },
    () => {
      throw new GraphQLError('Not for you.', { extensions: { code: 'NOT_FOR_YOU' } });
    },
    () => Promise.resolve('later'),
    () => [1, [2]],
    () => new GraphQLError('Returned.', { extensions: { code: 'RETURNED' } }),
    () => Promise.reject(new Error('Later.')),
    () => new Decimal('0.1').plus('0.2'),
  ),
);

/** Ways in which libraries hand lists out; graphql takes whatever can be walked through. */
const LISTS: readonly ((items: readonly unknown[]) => unknown)[] = [
  (items) => items,
  (items) => new Set(items),
  (items) => List(items),
  (items) => Promise.resolve(items),
  (items) => items.values(),
  (items) => new (class Page extends Array<unknown> {})(...items.map((item) => item)),
];

interface Plan {
  readonly list: number;
  readonly dress: number;
  readonly leaf: unknown;
  readonly must: unknown;
  readonly children: readonly Plan[];
}

const { plan } = fc.letrec<{ plan: Plan }>((tie) => ({
  plan: fc.record({
    dress: fc.nat(DRESSES.length - 1),
    list: fc.nat(LISTS.length - 1),
    leaf,
    must: fc.oneof({ weight: 6, arbitrary: fc.constant('must') }, { weight: 1, arbitrary: leaf }),
    // Bounded: with one child on average, some trees would never end.
    children: fc.oneof({ maxDepth: 5 }, fc.constant([]), fc.array(tie('plan'), { maxLength: 2 })),
  }),
}));

function build({ dress, list, leaf: value, must, children }: Plan): unknown {
  const items = children.map(build);
  const node = { leaf: value, must, first: items[0] ?? null, items: LISTS[list]?.(items) };
  // A rejection that a result carries along unselected is its maker's; here it is handled.
  const dressed = DRESSES[dress]?.(node) ?? node;
  const own = (dressed as { unselected?: Promise<unknown> }).unselected;
  own?.catch(() => undefined);
  return dressed;
}

describe('results of any make, of any depth (G2)', () => {
  let server: TestServer;
  let result: () => unknown;
  let key = 0;

  beforeAll(async () => {
    process.on('unhandledRejection', note);
    const schema = sdl(
      `type Query { ping: String }
       scalar Leaf
       interface Thing { must: String! }
       type Node implements Thing { leaf: Leaf must: String! first: Node items: [Node]! thing: Thing }
       type Mutation { make: Node @idempotent need: Node! @idempotent }`,
      {
        Leaf: new GraphQLScalarType({
          name: 'Leaf',
          serialize: (value) => {
            calls += 1;
            return typeof value === 'bigint' ? String(value) : value;
          },
        }),
        Thing: { __resolveType: () => 'Node' },
        Node: { thing: (node: unknown) => node },
        Mutation: { make: () => result(), need: () => result() },
      },
    );
    server = await startServer(schema, { store: new MemoryStore() });
  });
  afterAll(async () => {
    process.off('unhandledRejection', note);
    await server.stop();
  });
  beforeEach(() => {
    unhandled = [];
  });

  it('are answered twice alike, and nothing below runs for a response', async () => {
    let responses = 0;
    await fc.assert(
      fc.asyncProperty(plan, fc.constantFrom('make', 'need'), async (made, field) => {
        result = () => build(made);
        key += 1;
        const headers = { 'idempotency-key': `k${String(key)}` };
        const query = `mutation { ${field} { ...N first { ...N } items { ...N items { must leaf } } } }
          fragment N on Node { leaf must thing { __typename must } }`;
        const start = calls;
        const first = await server.post(query, { headers });
        const report = first.body.extensions?.idempotency?.[field];
        const before = calls;
        const second = await server.post(query, { headers });
        expect(second.body.data).toEqual(first.body.data);
        expect(second.body.errors).toEqual(first.body.errors);
        // A getter that loads was not selected, and not called.
        expect(before - start).toBeLessThan(1_000);
        if (report?.['kept'] !== 'response') return;
        responses += 1;
        expect(calls).toBe(before);
      }),
      { numRuns: 400 },
    );
    expect(responses).toBeGreaterThan(50);
    await new Promise(setImmediate);
    expect(unhandled).toEqual([]);
  });
});
