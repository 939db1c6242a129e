import { Readable } from 'node:stream';
import { GraphQLScalarType } from 'graphql';
import { MemoryStore } from '../../src/index.js';
import { codes, type TestResponse } from '../graphql/apollo.js';
import { Decimal, decimalScalar } from './decimal.js';
import {
  expectUntouched,
  startHttpSubject,
  startSubject,
  withKey,
  type Subject,
  type SubjectOptions,
} from './subject.js';

const BAD_USER_INPUT = 'BAD_USER_INPUT';
const MISMATCH = 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH';

/** What changes with every request. */
let reads = 0;
let stamps = 0;

/** What the scalar `Any` makes of a name, anew for every request. */
const MADE: Readonly<Record<string, () => unknown>> = {
  NaN: () => NaN,
  'minus zero': () => -0,
  zero: () => 0,
  'a Date': () => new Date(5),
  'another Date': () => new Date(6),
  'a BigInt': () => 1n,
  'another BigInt': () => 2n,
  'the number 1': () => 1,
  bytes: () => Buffer.from([1]),
  'other bytes': () => Buffer.from([2]),
  'a Map': () => new Map([['a', 1]]),
  'another Map': () => new Map([['a', 2]]),
  'a Set': () => new Set(['a']),
  'another Set': () => new Set(['b']),
  'an instance of a class': () => new Decimal('1'),
  'a promise': () => Promise.resolve(1),
  'a stream': () => Readable.from(['x']),
  'a function': () => () => 1,
  'a hole in a list': () => new Array<number>(2),
  'an undefined item': () => [1, undefined],
  'a toJSON method': () => ({ toJSON: () => 1 }),
  'a getter that throws': () => ({
    get a(): never {
      throw new Error('secret');
    },
  }),
  'a Proxy that throws': () =>
    new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('secret');
        },
      },
    ),
  'a getter that changes': () => ({
    get a(): number {
      return (reads += 1);
    },
  }),
  'a cycle': () => {
    const cycle: unknown[] = [];
    return [cycle, cycle.push(cycle)];
  },
};
const typeDefs = (level: string): string => /* GraphQL */ `
  scalar Any
  scalar Decimal
  scalar JSON
  scalar Stamped
  enum Level {
    LOW
    HIGH
  }
  input Card {
    number: String
    cvv: String
  }
  input Item {
    name: String
    count: Int
    card: Card
    item: Item
  }
  type Payment {
    id: ID!
    note: String
  }
  type Query {
    ping: String
  }
  type Mutation {
    put(
      id: ID
      price: Float
      count: Int
      level: Level = ${level}
      tags: [String]
      item: Item
      json: JSON
      any: Any
      decimal: Decimal
      stamped: Stamped
    ): Payment @idempotent
  }
`;

function puts(overrides: Partial<SubjectOptions> = {}): SubjectOptions {
  let id = 0;
  return {
    typeDefs: typeDefs('LOW'),
    mutations: {
      put: (_, args: { item?: { count?: number } }) => {
        // As resolvers do: it must not change what the arguments were.
        if (args.item) args.item.count = -1;
        return { id: String((id += 1)), note: 'paid' };
      },
    },
    types: {
      // Internal values of enums can be anything.
      Level: { LOW: { deep: [1] }, HIGH: Symbol('high') },
      Any: new GraphQLScalarType({ name: 'Any', parseValue: (name) => MADE[String(name)]?.() }),
      Decimal: decimalScalar,
      Stamped: new GraphQLScalarType({
        name: 'Stamped',
        parseValue: (value) => ({ value, at: (stamps += 1) }),
      }),
    },
    ...overrides,
  };
}

const PUT = `mutation (
  $id: ID, $price: Float, $count: Int, $level: Level = LOW, $tags: [String], $item: Item,
  $json: JSON, $any: Any, $decimal: Decimal, $stamped: Stamped
) {
  put(
    id: $id, price: $price, count: $count, level: $level, tags: $tags, item: $item,
    json: $json, any: $any, decimal: $decimal, stamped: $stamped
  ) { id }
}`;

/** Arguments as literals, or as variables. */
type Arguments = string | Record<string, unknown>;

describe('arguments', () => {
  let subject: Subject;

  beforeEach(async () => {
    subject = await startSubject(puts());
  });
  afterEach(() => subject.stop());

  function put(args: Arguments): Promise<TestResponse> {
    return typeof args === 'string'
      ? subject.post(`mutation { put${args && `(${args})`} { id } }`, withKey('k1'))
      : subject.post(PUT, { ...withKey('k1'), variables: args });
  }

  it.each<[string, Arguments, Arguments]>([
    ['row 39: an ID as a number and as text', 'id: 1', 'id: "1"'],
    ['row 39: an ID as a number and as text, in variables', { id: 1 }, { id: '1' }],
    ['row 40: a Float as 1 and 1.0', 'price: 1', 'price: 1.0'],
    ['row 40: a Float as 1 and 1e0', 'price: 1', 'price: 1e0'],
    ['row 45: -0 and 0 as a Float', 'price: -0.0', 'price: 0'],
    ['row 46: a default spelled out and left out', 'level: LOW', ''],
    [
      'row 48: fields in another order',
      'item: { name: "a", count: 1 }',
      'item: { count: 1, name: "a" }',
    ],
    [
      'row 49: an object as a literal and as a variable',
      'item: { name: "a" }',
      { item: { name: 'a' } },
    ],
    ['row 50: one item and a list of it', 'tags: "a"', 'tags: ["a"]'],
    ['row 50: one item and a list of it, in variables', { tags: 'a' }, { tags: ['a'] }],
    ['row 52: an enum as a literal and as a variable', 'level: HIGH', { level: 'HIGH' }],
    ['row 53: an enum whose internal value is an object', 'level: LOW', { level: 'LOW' }],
    ['row 53: an enum whose internal value is a symbol', { level: 'HIGH' }, { level: 'HIGH' }],
    [
      'row 55: names that differ by case only, in another order',
      { json: { a: 1, A: 2 } },
      { json: { A: 2, a: 1 } },
    ],
    ['row 62: a Date', { any: 'a Date' }, { any: 'a Date' }],
    ['row 62: a BigInt', { any: 'a BigInt' }, { any: 'a BigInt' }],
    ['row 62: a decimal', { decimal: '1.5' }, 'decimal: "1.5"'],
    ['row 62: bytes', { any: 'bytes' }, { any: 'bytes' }],
    ['row 62: a Map', { any: 'a Map' }, { any: 'a Map' }],
    ['row 62: a Set', { any: 'a Set' }, { any: 'a Set' }],
    ['row 70: an object that the resolver changed', { item: { count: 5 } }, { item: { count: 5 } }],
    ['row 44: what a scalar makes of the same text, NaN', { any: 'NaN' }, { any: 'NaN' }],
    [
      'row 62: what a scalar makes of the same text, an instance of a class',
      { any: 'an instance of a class' },
      { any: 'an instance of a class' },
    ],
    [
      'row 64: what a scalar makes of the same text, a promise',
      { any: 'a promise' },
      { any: 'a promise' },
    ],
    [
      'row 64: what a scalar makes of the same text, a stream',
      { any: 'a stream' },
      { any: 'a stream' },
    ],
    [
      'row 67: what a scalar makes of the same text, a getter that changes',
      { any: 'a getter that changes' },
      { any: 'a getter that changes' },
    ],
    [
      'row 67: what a scalar makes of the same text, a toJSON method',
      { any: 'a toJSON method' },
      { any: 'a toJSON method' },
    ],
    [
      'row 67: what a scalar makes of the same text, a getter that throws',
      { any: 'a getter that throws' },
      { any: 'a getter that throws' },
    ],
    [
      'row 67: what a scalar makes of the same text, a Proxy that throws',
      { any: 'a Proxy that throws' },
      { any: 'a Proxy that throws' },
    ],
    [
      'row 68: what a scalar makes of the same text, a cycle',
      { any: 'a cycle' },
      { any: 'a cycle' },
    ],
    [
      'row 69: what a scalar makes of the same text, a hole in a list',
      { any: 'a hole in a list' },
      { any: 'a hole in a list' },
    ],
    [
      'row 69: what a scalar makes of the same text, an undefined item',
      { any: 'an undefined item' },
      { any: 'an undefined item' },
    ],
    [
      'row 69: what a scalar makes of the same text, a function',
      { any: 'a function' },
      { any: 'a function' },
    ],
    ['row 71: a scalar that adds the time', { stamped: 1 }, { stamped: 1 }],
  ])('%s are the same arguments', async (_, one, two) => {
    const first = await put(one);
    const second = await put(two);
    expect(first.body.errors).toBeUndefined();
    expect(second.body.data).toEqual(first.body.data);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(subject.runs).toEqual(['put']);
  });

  const own = (json: string): unknown => JSON.parse(json);
  it.each<[string, Arguments, Arguments]>([
    ['row 47: null and absent', 'price: null', ''],
    ['row 47: null and absent, in variables', { price: null }, {}],
    ['row 47: null and a default', 'level: null', ''],
    ['row 51: the order of a list', { tags: ['a', 'b'] }, { tags: ['b', 'a'] }],
    ['row 53: enums with other names', 'level: LOW', 'level: HIGH'],
    ['row 55: names that differ by case only', { json: { a: 1, A: 2 } }, { json: { a: 2, A: 1 } }],
    [
      'row 56: amounts beneath __proto__',
      { json: own('{"__proto__":{"amount":1}}') },
      { json: own('{"__proto__":{"amount":999}}') },
    ],
    ['row 56: __proto__ and nothing', { json: own('{"__proto__":{}}') }, { json: {} }],
    ['row 61: é in NFC and in NFD', { tags: ['\u00e9'] }, { tags: ['e\u0301'] }],
    ['row 62: Dates', { any: 'a Date' }, { any: 'another Date' }],
    ['row 62: BigInts', { any: 'a BigInt' }, { any: 'another BigInt' }],
    ['row 62: decimals', { decimal: '1.5' }, { decimal: '1.50' }],
    ['row 62: bytes', { any: 'bytes' }, { any: 'other bytes' }],
    ['row 62: Maps', { any: 'a Map' }, { any: 'another Map' }],
    ['row 62: Sets', { any: 'a Set' }, { any: 'another Set' }],
    ['row 45: what a scalar makes -0 and 0 of', { any: 'minus zero' }, { any: 'zero' }],
    ['row 63: 1n and 1', { any: 'a BigInt' }, { any: 'the number 1' }],
    ['row 70: an object as the resolver left it', { item: { count: 5 } }, { item: { count: -1 } }],
  ])('%s are other arguments', async (_, one, two) => {
    expect((await put(one)).body.errors).toBeUndefined();
    expect(codes(await put(two))).toEqual([MISMATCH]);
    expect(subject.runs).toEqual(['put']);
    expect(subject.asked).toEqual(['begin', 'complete', 'begin']);
  });

  it.each<[string, Arguments, string]>([
    ['row 41: a Float as an Int literal', 'count: 1.0', 'GRAPHQL_VALIDATION_FAILED'],
    ['row 41: text as an Int literal', 'count: "1"', 'GRAPHQL_VALIDATION_FAILED'],
    ['row 41: a fraction as an Int variable', { count: 1.5 }, BAD_USER_INPUT],
    ['row 41: text as an Int variable', { count: '1' }, BAD_USER_INPUT],
    ['row 42: 2^53 + 1 as an Int literal', 'count: 9007199254740993', 'GRAPHQL_VALIDATION_FAILED'],
    ['row 42: 2^53 + 2 as an Int variable', { count: 2 ** 53 + 2 }, BAD_USER_INPUT],
    ['row 43: a Float literal that is too large', 'price: 1e400', BAD_USER_INPUT],
    ['row 43: a Float literal that is too small', 'price: -1e400', BAD_USER_INPUT],
    ['row 52: text as an enum literal', 'level: "HIGH"', 'GRAPHQL_VALIDATION_FAILED'],
    ['row 54: an argument given twice', 'count: 1, count: 1', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'row 57: 64 levels of lists, within the arguments themselves',
      { json: nested(64) },
      BAD_USER_INPUT,
    ],
    ['row 57: 500 levels of input objects', { item: items(500) }, BAD_USER_INPUT],
    ['row 58: 10 MB of text', { json: 'x'.repeat(10_485_760) }, BAD_USER_INPUT],
    ['row 59: a million items', { json: new Array(1_000_000).fill(1) }, BAD_USER_INPUT],
    ['row 60: half of a surrogate pair', { tags: ['\ud800'] }, BAD_USER_INPUT],
    ['row 60: half of a surrogate pair in a name', { json: { '\udc00': 1 } }, BAD_USER_INPUT],
  ])('%s is refused before the store is asked', async (_, args, code) => {
    expectUntouched(subject, await put(args), code);
  });

  it('row 57: 63 levels of lists are not too deep', async () => {
    expect((await put({ json: nested(63) })).body.errors).toBeUndefined();
  });

  it('row 57: 10 000 levels in a variable, over HTTP, are refused', async () => {
    const http = await startHttpSubject(puts());
    const body = `{"query":${JSON.stringify(PUT)},"variables":{"json":${deepText(10_000)}}}`;
    const response = await http.send({ headers: ['Idempotency-Key: k1'], body });
    expectUntouched(http, response, BAD_USER_INPUT);
    expect(response.body.errors?.[0]?.message).toContain('is too deep');
    await http.stop();
  });

  it('row 57: any number of levels in a literal runs nothing, whoever refuses it', async () => {
    for (const levels of [100, 1_000, 3_000, 10_000]) {
      const response = await put(`json: ${deepText(levels)}`);
      expect(response.body.errors).toHaveLength(1);
    }
    expect({ runs: subject.runs, asked: subject.asked }).toEqual({ runs: [], asked: [] });
  });

  it('row 60: U+FFFD, which half of a surrogate pair becomes in UTF-8, is text as any other', async () => {
    expect((await put({ tags: ['\ufffd'] })).body.errors).toBeUndefined();
    expect(codes(await put({ tags: ['\ud800'] }))).toEqual([BAD_USER_INPUT]);
    expect(subject.runs).toEqual(['put']);
  });

  it('row 54: a variable that the document does not declare makes no difference', async () => {
    await put({ count: 1 });
    const second = await put({ count: 1, stray: 2 });
    expect(second.headers.get('idempotent-replayed')).toBe('true');
  });

  it.each([
    ['row 54: a variable declared twice', 'mutation ($a: Int, $a: Int) { put(count: $a) { id } }'],
    ['row 54: a variable that is declared and not used', 'mutation ($a: Int) { put { id } }'],
  ])('%s is a validation error', async (_, query) => {
    const response = await subject.post(query, withKey('k1'));
    expect(new Set(codes(response))).toEqual(new Set(['GRAPHQL_VALIDATION_FAILED']));
    expect({ runs: subject.runs, asked: subject.asked }).toEqual({ runs: [], asked: [] });
  });

  it('row 72: another selection set is answered from the stored value', async () => {
    await subject.post('mutation { put(count: 1) { id } }', withKey('k1'));
    const second = await subject.post('mutation { put(count: 1) { note } }', withKey('k1'));
    expect(second.body.data).toEqual({ put: { note: 'paid' } });
    expect(subject.runs).toEqual(['put']);
  });

  it.each([
    ['row 73: @skip', '@skip(if: true)'],
    ['row 73: @include', '@include(if: false)'],
  ])('%s keeps the field from running, and leaves no record', async (_, directive) => {
    const query = `mutation { put(count: 1) ${directive} { id } __typename }`;
    const response = await subject.post(query, withKey('k1'));
    expect(response.body).toEqual({ data: { __typename: 'Mutation' } });
    expect({ runs: subject.runs, asked: subject.asked }).toEqual({ runs: [], asked: [] });
    expect((await put({ count: 2 })).body.errors).toBeUndefined();
  });
});

describe('arguments that are left out of the comparison', () => {
  const ignoring = (paths: readonly string[]): SubjectOptions =>
    puts({ options: { ignoreArguments: { 'Mutation.put': paths } } });

  it('row 65: may change, and the first answer stands', async () => {
    const subject = await startSubject(ignoring(['item.card.cvv']));
    const pay = (number: string, cvv: string): Promise<TestResponse> =>
      subject.post(PUT, { ...withKey('k1'), variables: { item: { card: { number, cvv } } } });
    const first = await pay('4242', '111');
    const second = await pay('4242', '222');
    expect(second.body.data).toEqual(first.body.data);
    expect(codes(await pay('4243', '111'))).toEqual([MISMATCH]);
    expect(subject.runs).toEqual(['put']);
    await subject.stop();
  });

  it.each([
    ['row 66: a path that does not exist', 'item.card.pin'],
    ['row 66: an argument that does not exist', 'cvv'],
    ['row 66: a path below a scalar', 'json.cvv'],
    ['row 66: a name of Object.prototype', 'item.constructor'],
  ])('%s keeps the server from starting', async (_, path) => {
    await expect(startSubject(ignoring([path]))).rejects.toThrow(
      `Mutation.put: ignoreArguments names "${path}", which it does not have.`,
    );
  });
});

describe('an upload', () => {
  const upload = (options: SubjectOptions['options'] = {}): SubjectOptions => ({
    typeDefs: `scalar Upload
      type Query { ping: String }
      type Mutation { send(file: Upload, sha256: String): String @idempotent }`,
    mutations: { send: (_, { sha256 }: { sha256: string }) => sha256 },
    options,
  });

  it('row 64: keeps the server from starting', async () => {
    await expect(startSubject(upload())).rejects.toThrow(
      '"file" is an upload, which cannot be fingerprinted',
    );
  });

  it('row 64: may be left out of the comparison, for a digest beside it', async () => {
    const options = { ignoreArguments: { 'Mutation.send': ['file'] } };
    const subject = await startSubject(upload(options));
    const query =
      'mutation ($file: Upload, $sha256: String) { send(file: $file, sha256: $sha256) }';
    const send = (sha256: string): Promise<TestResponse> =>
      subject.post(query, { ...withKey('k1'), variables: { file: {}, sha256 } });
    expect((await send('one')).body.data).toEqual({ send: 'one' });
    expect(codes(await send('two'))).toEqual([MISMATCH]);
    expect(subject.runs).toEqual(['send']);
    await subject.stop();
  });
});

it('row 74: a default that changed between two deployments is another argument', async () => {
  const options = { store: new MemoryStore() };
  const query = 'mutation { put { id } }';
  const [before, after] = await Promise.all([
    startSubject(puts({ options })),
    startSubject(puts({ options, typeDefs: typeDefs('HIGH') })),
  ]);
  await before.post(query, withKey('k1'));
  expect(codes(await after.post(query, withKey('k1')))).toEqual([MISMATCH]);
  const spelledOut = await after.post('mutation { put(level: LOW) { id } }', withKey('k1'));
  expect(spelledOut.headers.get('idempotent-replayed')).toBe('true');
  expect([before.runs, after.runs]).toEqual([['put'], []]);
  await before.stop();
  await after.stop();
});

/** A list in a list, and so on. */
function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

/** The same as text, since what writes JSON does not go that deep. */
function deepText(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

/** An input object in an input object, and so on. */
function items(levels: number): object {
  let item: object = { name: 'a' };
  for (let level = 0; level < levels; level += 1) item = { item };
  return item;
}
