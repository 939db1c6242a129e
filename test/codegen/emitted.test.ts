import type { CodegenPlugin } from '@graphql-codegen/plugin-helpers';
import * as idempotency from '../../src/codegen/index.js';
import { generate, generatedMap, load, SDL } from './generate.js';

/** How the keys of the operation `Op` travel. */
const op = async (document: string, options = {}): Promise<string> =>
  generatedMap(document, options).then((map) =>
    JSON.stringify((JSON.parse(map) as { Op: { fields: object } }).Op.fields),
  );

/** One field as the map has it. */
const entry = (responseKey: string, mutation: string, key: string | readonly string[]): string =>
  JSON.stringify({ [responseKey]: { mutation: `Mutation.${mutation}`, key } });

describe('the generated file', () => {
  it('imports nothing and names the operations that carry idempotent mutations', async () => {
    const text = await generate(`
      mutation Refund { refundPayment: refund(note: "broken") { name } }
      mutation CreatePayment($input: PayInput!, $key: String) {
        createPayment: pay(input: $input) @idempotent(key: $key)
      }
      mutation Both($a: String, $b: String, $input: PayInput!) {
        z: pay(input: $input, idempotencyKey: $b)
        a: pay(input: $input, idempotencyKey: $a)
      }
      mutation Rename { rename(name: "x") { name } }
      query Me { me { name } }
    `);
    expect(text).toBe(`/* eslint-disable */
/**
 * The operations that carry idempotent mutations: whether all that each does is idempotent, for how
 * long it can be tried again, and how the key of each mutation travels.
 */
export const idempotentOperations = {
  Both: {
    idempotent: true,
    ttlSeconds: 86400,
    fields: {
      z: { mutation: 'Mutation.pay', key: ['b'] },
      a: { mutation: 'Mutation.pay', key: ['a'] },
    },
  },
  CreatePayment: {
    idempotent: true,
    ttlSeconds: 86400,
    fields: { createPayment: { mutation: 'Mutation.pay', key: ['key'] } },
  },
  Refund: {
    idempotent: true,
    ttlSeconds: 86400,
    fields: { refundPayment: { mutation: 'Mutation.refund', key: 'header' } },
  },
} as const;
/** Their names. */
export type IdempotentOperationName = keyof typeof idempotentOperations;
/** The operations that may be sent again: queries, and mutations that are idempotent as a whole. */
export const retryableOperations: ReadonlySet<string> = new Set([
  'Both',
  'CreatePayment',
  'Me',
  'Refund',
]);
`);
  });

  it('is there without an idempotent operation as well', async () => {
    const text = await generate('query Me { me { name } }');
    expect(load(text)).toEqual({
      idempotentOperations: {},
      retryableOperations: new Set(['Me']),
    });
    const nothing = load(await generate('mutation Rename { rename(name: "x") { name } }'));
    expect(nothing).toEqual({ idempotentOperations: {}, retryableOperations: new Set() });
  });

  it('does not count as idempotent, nor as what may be sent again, what does something else too', async () => {
    const { idempotentOperations, retryableOperations } = load(
      await generate({
        'mixed.graphql': 'mutation Mixed { ping ...Renaming }',
        'typed.graphql': 'mutation Typed { __typename ping }',
        'rename.graphql': 'fragment Renaming on Mutation { rename(name: "x") { name } }',
        'more.graphql': 'query Me { me { name } }',
      }),
    );
    expect(idempotentOperations).toMatchObject({
      Mixed: { idempotent: false },
      Typed: { idempotent: true },
    });
    expect(retryableOperations).toEqual(new Set(['Me', 'Typed']));
  });

  it('says for how long a key holds: as the schema says, or the configuration, or the server', async () => {
    const sdl = SDL.replace('note: String): String @idempotent', '$&(ttlSeconds: 60)');
    const files = {
      'a.graphql': 'mutation Short { ping send }',
      'b.graphql': 'mutation Usual { send }',
    };
    const ttls = async (config: object): Promise<unknown> =>
      Object.values(
        JSON.parse(await generatedMap(files, { sdl, config: { ...config } })) as object,
      ).map(({ ttlSeconds }: { ttlSeconds: unknown }) => ttlSeconds);
    expect(await ttls({})).toEqual([60, 86_400]);
    expect(await ttls({ ttlSeconds: 30 })).toEqual([30, 30]);
  });

  it('does not depend on the order of the files', async () => {
    const files = {
      'a.graphql': 'mutation B($k: String) { ping @idempotent(key: $k) }',
      'b.graphql': 'mutation A($k: String) { ping @idempotent(key: $k) }',
    };
    const reversed = Object.fromEntries(Object.entries(files).reverse());
    expect(await generate(files)).toBe(await generate(reversed));
  });

  it('comes from what the code generator takes for a plugin', () => {
    const plugin: CodegenPlugin = idempotency;
    expect(plugin.plugin).toBe(idempotency.plugin);
  });
});

describe('a key travels', () => {
  it.each([
    [
      'in the variable of the directive',
      'mutation Op($key: String) { ping @idempotent(key: $key) }',
      entry('ping', 'ping', ['key']),
    ],
    [
      'in the variable of the key argument',
      'mutation Op($i: PayInput!, $k: String) { pay(input: $i, idempotencyKey: $k) }',
      entry('pay', 'pay', ['k']),
    ],
    [
      'in both, if both are there',
      `mutation Op($i: PayInput!, $a: String, $b: String) {
        pay(input: $i, idempotencyKey: $a) @idempotent(key: $b)
      }`,
      entry('pay', 'pay', ['b', 'a']),
    ],
    [
      'once in a variable that is both',
      `mutation Op($i: PayInput!, $k: String) {
        pay(input: $i, idempotencyKey: $k) @idempotent(key: $k)
      }`,
      entry('pay', 'pay', ['k']),
    ],
    [
      'inside of the variable that is the whole input',
      'mutation Op($input: RefundInput!) { refund(input: $input) { name } }',
      entry('refund', 'refund', ['input.idempotencyKey']),
    ],
    [
      'in the variable inside of an input that is written out',
      'mutation Op($k: String) { refund(input: { amount: 1, idempotencyKey: $k }) { name } }',
      entry('refund', 'refund', ['k']),
    ],
    [
      'in its own variable rather than inside of another one',
      `mutation Op($input: RefundInput, $k: String) {
        refund(input: $input) @idempotent(key: $k) { name }
      }`,
      entry('refund', 'refund', ['k']),
    ],
    [
      'where the argument of the directive says, through objects and variables',
      'mutation Op($meta: BookMeta!) { book(request: { room: 1, meta: $meta }) }',
      entry('book', 'book', ['meta.requestId']),
    ],
    [
      'in the header, if the variable around its place may be left out',
      'mutation Op($input: RefundInput) { refund(input: $input) { name } }',
      entry('refund', 'refund', 'header'),
    ],
    [
      'in the header, if that variable has a default',
      'mutation Op($input: RefundInput! = { amount: 5 }) { refund(input: $input) { name } }',
      entry('refund', 'refund', 'header'),
    ],
    [
      'in the header, if an object around its place may be left out',
      'mutation Op($request: BookInput!) { book(request: $request) }',
      entry('book', 'book', 'header'),
    ],
    [
      'in the header, if the mutation has no place for it',
      'mutation Op { ping(note: "x") }',
      entry('ping', 'ping', 'header'),
    ],
    [
      'in the header, if the document has no variable at that place',
      'mutation Op { refund(input: { amount: 1 }) { name } }',
      entry('refund', 'refund', 'header'),
    ],
    [
      'in the header, if the document says null at every place',
      `mutation Op($i: PayInput!) {
        pay(input: $i, idempotencyKey: null) @idempotent(key: null)
      }`,
      entry('pay', 'pay', 'header'),
    ],
    [
      'in the header, if the whole input is null',
      'mutation Op { refund(input: null) { name } }',
      entry('refund', 'refund', 'header'),
    ],
    [
      'in the header, if the directive says something else',
      'mutation Op { ping @idempotent(ttlSeconds: 5) }',
      entry('ping', 'ping', 'header'),
    ],
    [
      'in a variable whose default is null',
      'mutation Op($k: String = null) { ping @idempotent(key: $k) }',
      entry('ping', 'ping', ['k']),
    ],
    [
      'in a variable that must be given',
      'mutation Op($k: String!) { ping @idempotent(key: $k) }',
      entry('ping', 'ping', ['k']),
    ],
    [
      'under the alias of its field',
      'mutation Op($k: String) { first: ping @idempotent(key: $k) }',
      entry('first', 'ping', ['k']),
    ],
    [
      'in a field that may be skipped',
      'mutation Op($k: String, $on: Boolean!) { ping @include(if: $on) @idempotent(key: $k) }',
      entry('ping', 'ping', ['k']),
    ],
    [
      'in a field of an inline fragment',
      `mutation Op($k: String) {
        ... on Mutation { ... @include(if: true) { ping @idempotent(key: $k) } }
      }`,
      entry('ping', 'ping', ['k']),
    ],
    [
      'in a field of a fragment on an interface of the mutations',
      `mutation Op($i: PayInput!, $k: String) {
        ... on Payments { pay(input: $i, idempotencyKey: $k) }
      }`,
      entry('pay', 'pay', ['k']),
    ],
    [
      'with one of the places that are one field',
      `mutation Op($k: String, $input: RefundInput) {
        refund(input: $input) { name }
        refund(input: $input) @idempotent(key: $k) { name }
      }`,
      entry('refund', 'refund', ['k']),
    ],
    [
      'with each of the places that may be skipped',
      `mutation Op($k: String, $on: Boolean!) {
        ping @idempotent(key: $k)
        ... @skip(if: $on) { ping @idempotent(key: $k) }
      }`,
      entry('ping', 'ping', ['k']),
    ],
    [
      'with a fragment that is spread twice and may be skipped once',
      `mutation Op($k: String, $on: Boolean!) { ping ...Key @include(if: $on) ...Key }
      fragment Key on Mutation { ping @idempotent(key: $k) }`,
      entry('ping', 'ping', ['k']),
    ],
    [
      'with the same fragment the other way round',
      `mutation Op($k: String, $on: Boolean!) { ...Key ping ...Key @skip(if: $on) }
      fragment Key on Mutation { ping @idempotent(key: $k) }`,
      entry('ping', 'ping', ['k']),
    ],
    [
      'with an argument, whatever is skipped',
      `mutation Op($i: PayInput!, $k: String, $on: Boolean!) {
        pay(input: $i, idempotencyKey: $k)
        ... @skip(if: $on) { pay(input: $i, idempotencyKey: $k) @idempotent(key: $k) }
      }`,
      entry('pay', 'pay', ['k']),
    ],
  ])('%s', async (_, document, expected) => {
    expect(await op(document)).toBe(expected);
  });

  it('in what fragments of other files select, each in its place', async () => {
    const map = await generatedMap({
      'op.graphql': 'mutation Op($k: String) { ...A last: send(text: "x") ...A ...B }',
      'a.graphql': 'fragment A on Mutation { ...B first: ping @idempotent(key: $k) }',
      'b.graphql': 'fragment B on Mutation { before: rename { name } book(request: {}) }',
    });
    expect(JSON.parse(map)).toMatchObject({
      Op: {
        idempotent: false,
        fields: {
          book: { mutation: 'Mutation.book', key: 'header' },
          first: { mutation: 'Mutation.ping', key: ['k'] },
          last: { mutation: 'Mutation.send', key: 'header' },
        },
      },
    });
    expect(map).toMatch(/book.*first.*last/);
  });

  it('deep inside of a variable, if everything around its place must be there', async () => {
    const document = 'mutation Op($request: BookInput!) { book(request: $request) }';
    const sdl = SDL.replace('meta: BookMeta', 'meta: BookMeta!');
    expect(await op(document, { sdl })).toBe(entry('book', 'book', ['request.meta.requestId']));
    const withDefault = SDL.replace('meta: BookMeta', 'meta: BookMeta! = { source: "x" }');
    expect(await op(document, { sdl: withDefault })).toBe(entry('book', 'book', 'header'));
  });

  it('in one variable for several mutations, and beside the header', async () => {
    expect(
      await op(
        'mutation Op($k: String) { ping @idempotent(key: $k) send @idempotent(key: $k) pay: book(request: {}) }',
      ),
    ).toBe(
      '{"ping":{"mutation":"Mutation.ping","key":["k"]},' +
        '"send":{"mutation":"Mutation.send","key":["k"]},' +
        '"pay":{"mutation":"Mutation.book","key":"header"}}',
    );
  });

  it('in the argument that the configuration names, where a mutation has it', async () => {
    const document = `mutation Op($k: ID, $i: PayInput!, $p: String) {
      send(token: $k) pay(input: $i, idempotencyKey: $p) book(request: {}) 
    }`;
    expect(await op(document, { config: { argument: 'token' } })).toBe(
      '{"send":{"mutation":"Mutation.send","key":["k"]},' +
        '"pay":{"mutation":"Mutation.pay","key":["p"]},' +
        '"book":{"mutation":"Mutation.book","key":"header"}}',
    );
    expect(await op(document, { shared: { argument: 'token', scalars: {} } })).toContain('["k"]');
  });
});
