import { buildSchema } from 'graphql';
import { plugin } from '../../src/codegen/index.js';
import { idempotentTypeDefs } from '../../src/index.js';
import { problemsOf, SDL, type GenerateOptions } from './generate.js';

const LITERAL =
  'A key that is written into the document is the same for every intent, and all of them would get ' +
  'one answer. Use a variable, as in @idempotent(key: $key), and leave it to the client.';
const MISPLACED = '@idempotent can only be used on mutations that the schema marks with it, not on';
const REMOVE = 'Remove it, or mark the mutation in the schema.';
const defaultKey = (name: string): string =>
  `The default value of $${name} is one key for every intent, and all of them would get one ` +
  'answer. Remove it.';

describe('generation is refused for', () => {
  it.each([
    [
      'a key in the directive',
      'mutation Op { ping @idempotent(key: "x") }',
      `pay.graphql:1:37: ${LITERAL}`,
    ],
    [
      'a key in the argument',
      'mutation Op($i: PayInput!) { pay(input: $i, idempotencyKey: "x") }',
      `pay.graphql:1:61: ${LITERAL}`,
    ],
    [
      'a key that is a number',
      'mutation Op { send(token: 5) }',
      `pay.graphql:1:27: ${LITERAL}`,
      { config: { argument: 'token' } },
    ],
    [
      'a key in an input that is written out',
      'mutation Op { refund(input: { idempotencyKey: """x""" }) { name } }',
      `pay.graphql:1:47: ${LITERAL}`,
    ],
    [
      'a variable with a key for a default',
      'mutation Op($k: String = "x") { ping @idempotent(key: $k) }',
      `pay.graphql:1:26: ${defaultKey('k')}`,
    ],
    [
      'a whole input with a key in its default',
      'mutation Op($i: RefundInput = { idempotencyKey: "x" }) { refund(input: $i) { name } }',
      `pay.graphql:1:31: ${defaultKey('i')}`,
    ],
    [
      'the same beside a variable for the key',
      `mutation Op($i: RefundInput = { idempotencyKey: "x" }, $k: String) {
        refund(input: $i) @idempotent(key: $k) { name }
      }`,
      `pay.graphql:1:31: ${defaultKey('i')}`,
    ],
    [
      'an operation without a name',
      '# pays\nmutation ($k: String) { ping @idempotent(key: $k) }',
      'pay.graphql:2:1: The client knows operations by their names, and this one, which selects ' +
        'idempotent mutations, has none. Name it.',
    ],
    [
      'one mutation twice without variables',
      'mutation Op { a: ping\n  b: ping }',
      'pay.graphql:1:15: The operation selects Mutation.ping 2 times, and "a" has no variable for ' +
        'its key. One Idempotency-Key header cannot stand for several requests: give each a ' +
        'variable of its own, as in @idempotent(key: $aKey).',
      'pay.graphql:2:3: The operation selects Mutation.ping 2 times, and "b" has no variable for ' +
        'its key. One Idempotency-Key header cannot stand for several requests: give each a ' +
        'variable of its own, as in @idempotent(key: $bKey).',
    ],
    [
      'one mutation twice with a variable for one of them, also where one is skipped',
      `mutation Op($k: String, $on: Boolean!) {
        a: ping @skip(if: $on)
        b: ping @idempotent(key: $k) @include(if: $on)
      }`,
      'pay.graphql:2:9: The operation selects Mutation.ping 2 times, and "a" has no variable for ' +
        'its key. One Idempotency-Key header cannot stand for several requests: give each a ' +
        'variable of its own, as in @idempotent(key: $aKey).',
    ],
    [
      'one mutation twice with one variable',
      `mutation Op($k: String) {
        a: ping @idempotent(key: $k)
        b: ping @idempotent(key: $k)
      }`,
      'pay.graphql:3:9: "a" and "b" need different keys, but $k would give both the same. Give ' +
        'each a variable of its own, as in @idempotent(key: $bKey).',
    ],
    [
      'one mutation twice with one input',
      'mutation Op($i: RefundInput!) { a: refund(input: $i) { name } b: refund(input: $i) { name } }',
      'pay.graphql:1:63: "a" and "b" need different keys, but $i.idempotencyKey would give both ' +
        'the same. Give each a variable of its own, as in @idempotent(key: $bKey).',
    ],
    [
      'one mutation twice, of which the second reads what is filled for the first',
      `mutation Op($i: RefundInput!, $k: String) {
        a: refund(input: $i) { name }
        b: refund(input: $i) @idempotent(key: $k) { name }
      }`,
      'pay.graphql:3:9: "a" and "b" need different keys, but $i.idempotencyKey would give both ' +
        'the same. Give each a variable of its own, as in @idempotent(key: $bKey).',
    ],
    [
      'another mutation that shares a variable with the second of two',
      `mutation Op($a: String, $b: String) {
        a: ping @idempotent(key: $a)
        b: ping @idempotent(key: $b)
        send @idempotent(key: $b)
      }`,
      'pay.graphql:4:9: "b" and "send" need different keys, but $b would give both the same. Give ' +
        'each a variable of its own, as in @idempotent(key: $sendKey).',
    ],
    [
      'a mutation that needs the header beside one that is selected twice',
      `mutation Op($a: String, $b: String) {
        a: ping @idempotent(key: $a)
        b: ping @idempotent(key: $b)
        book(request: {})
      }`,
      'pay.graphql:4:9: "book" has no variable for its key and needs the Idempotency-Key header, ' +
        'but that counts for every field, and Mutation.ping is selected several times with a key ' +
        'each. Give "book" a variable: @idempotent(key: $bookKey).',
    ],
    [
      'one field with two variables in its directives',
      `mutation Op($a: String, $b: String) {
        ping @idempotent(key: $a)
        ping @idempotent(key: $b)
      }`,
      'pay.graphql:3:31: "ping" is one field, but takes its key from $a and from $b. Use one.',
    ],
    [
      'one field whose key may be skipped while it is not',
      `mutation Op($k: String, $on: Boolean!) {
        ping
        ... @include(if: $on) { ping @idempotent(key: $k) }
      }`,
      'pay.graphql:2:9: @skip or @include may leave out the selection of "ping" that has the key, ' +
        'while this one stays. Write @idempotent(key: $k) here as well.',
    ],
    [
      'more marked fields than the server takes',
      `mutation Op { ${['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k']
        .map((name) => `${name}: ping @idempotent(key: $${name})`)
        .join(' ')} }`.replace(
        'Op {',
        `Op(${['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'].map((name) => `$${name}: String`).join(' ')}) {`,
      ),
      'pay.graphql:1:1: This operation selects 11 idempotent mutations, and the server takes 10 in ' +
        'one request. Split it, or raise fieldsMax here and in the server.',
    ],
    [
      'fewer of them, if the server takes fewer',
      'mutation Op($k: String) { ping @idempotent(key: $k) book(request: {}) }',
      'pay.graphql:1:1: This operation selects 2 idempotent mutations, and the server takes 1 in ' +
        'one request. Split it, or raise fieldsMax here and in the server.',
      { config: { fieldsMax: 1 } },
    ],
    [
      'the directive on a query',
      'query Op { ok @idempotent }',
      `pay.graphql:1:15: ${MISPLACED} "Query.ok". ${REMOVE}`,
    ],
    [
      'the directive on unmarked mutations and nested fields, each of them',
      'mutation Op { refund { name @idempotent }\n rename @idempotent { name } }',
      `pay.graphql:1:29: ${MISPLACED} "User.name". ${REMOVE}`,
      `pay.graphql:2:9: ${MISPLACED} "Mutation.rename". ${REMOVE}`,
    ],
    [
      'the directive in a fragment on an interface of the mutations',
      `mutation Op($i: PayInput!, $k: String) {
        ... on Payments { pay(input: $i) @idempotent(key: $k) }
      }`,
      `pay.graphql:2:42: ${MISPLACED} "Payments.pay". ${REMOVE}`,
    ],
    [
      'the directive where the schema has it for definitions only',
      'mutation Op($k: String) { ping @idempotent(key: $k) }',
      'pay.graphql:1:32: The schema does not allow @idempotent in documents, so the server refuses ' +
        'this one. Its definition must say FIELD | FIELD_DEFINITION, as in idempotentTypeDefs.',
      {
        directive:
          'directive @idempotent(key: String, argument: String, onCrash: String) on FIELD_DEFINITION',
      },
    ],
    [
      'a variable that JavaScript does not take for a property',
      'mutation Op($__proto__: String) { ping @idempotent(key: $__proto__) }',
      'pay.graphql:1:57: "__proto__" cannot be looked up in JavaScript. Choose another name.',
    ],
    [
      'such an alias',
      'mutation Op { __proto__: ping }',
      'pay.graphql:1:15: "__proto__" cannot be looked up in JavaScript. Choose another name.',
    ],
    [
      'such an operation name',
      'mutation __proto__ { ping }',
      'pay.graphql:1:10: "__proto__" cannot be looked up in JavaScript. Choose another name.',
      // The code generator itself stumbles over it.
      { skipDocumentsValidation: true },
    ],
  ] as [string, string, ...(string | GenerateOptions)[]][])('%s', async (_, document, ...rest) => {
    const options = rest.find((each) => typeof each === 'object') ?? {};
    const expected = rest.filter((each) => typeof each === 'string');
    expect(await problemsOf(document, options)).toEqual(expected);
  });

  it.each([
    ['Mutation.pay', 'idempotencyKey', 'idempotencyKey: String', 'idempotencyKey: String = "x"'],
    [
      'Mutation.book',
      'request.meta.requestId',
      'request: BookInput!',
      'request: BookInput! = { meta: { requestId: 7 } }',
    ],
    [
      'Mutation.book',
      'request.meta.requestId',
      'meta: BookMeta',
      'meta: BookMeta = { requestId: 8 }',
    ],
    ['Mutation.book', 'request.meta.requestId', 'requestId: ID', 'requestId: ID = 9'],
  ])(
    'a default value of the schema that is a key: %s, at %s',
    async (mutation, path, ...change) => {
      expect(await problemsOf('mutation A { ping }', { sdl: SDL.replaceAll(...change) })).toContain(
        `${mutation}: the schema gives "${path}" a default value, which would be one key for every ` +
          'request. Remove it.',
      );
    },
  );

  it('what the code generator would have found itself, had it been asked', async () => {
    const documents = {
      'a.graphql': 'mutation A { ...Missing ping @idempotent(key: $k) }',
      'b.graphql': 'mutation A { send }',
      'c.graphql': 'mutation C($k: String) { refund(input: { idempotencyKey: [$k] }) { name } }',
      'd.graphql': 'mutation D($k: String) { refund(input: [{ idempotencyKey: $k }]) { name } }',
      'e.graphql': 'mutation E { refund(input: { idempotencyKey: { a: 1 } }) { name } }',
      'f.graphql': 'mutation C($k: String) { refund(input: {idempotencyKey: [$k]}) { name } }',
    };
    const unreachable =
      'No key can be put into this value. Give it a variable: @idempotent(key: $key).';
    expect(await problemsOf(documents, { skipDocumentsValidation: true })).toEqual([
      'b.graphql:1:1: Something else is named "A" as well. Rename one of them.',
      'a.graphql:1:14: The fragment "Missing" is not among the documents of this output, so its ' +
        'mutations are not known. Generate one file from all documents.',
      'a.graphql:1:47: $k carries a key, but the operation does not declare it. Declare it.',
      `c.graphql:1:58: ${unreachable}`,
      `d.graphql:1:40: ${unreachable}`,
      `e.graphql:1:46: ${unreachable}`,
    ]);
  });
});

describe('all problems are listed', () => {
  it('of all documents, those of a fragment once', async () => {
    const documents = {
      'ops.graphql': 'mutation A { ...F }\nmutation B { ...F }\nmutation C { send ping b: ping }',
      'fragment.graphql': 'fragment F on Mutation { ping @idempotent(key: "x") }',
    };
    expect(await problemsOf(documents)).toEqual([
      `fragment.graphql:1:48: ${LITERAL}`,
      expect.stringMatching(/^ops\.graphql:3:14: "send" has no variable for its key and needs/),
      expect.stringMatching(/^ops\.graphql:3:19: The operation selects Mutation\.ping 2 times/),
      expect.stringMatching(/^ops\.graphql:3:24: The operation selects Mutation\.ping 2 times/),
    ]);
  });

  it('of the schema', async () => {
    const sdl = `
      type Query { a: Int @idempotent }
      type Mutation {
        b: Int @idempotent(ttlSeconds: 0, argument: "nowhere")
        c(input: Int, token: Int): Int @idempotent
      }
    `;
    expect(
      await problemsOf('mutation Op { b @idempotent(key: "x") }', {
        sdl,
        config: { argument: 'token' },
      }),
    ).toEqual([
      'Query.a is marked @idempotent, but only root mutation fields can be.',
      expect.stringMatching(/^Mutation\.b: ttlSeconds must be a whole number from 1 to 34560000/),
      'Mutation.b has no argument "nowhere" to take the key from.',
      'Mutation.c: "token" must be a String or an ID to carry a key.',
      `pay.graphql:1:34: ${LITERAL}`,
    ]);
  });

  it('of the configuration', async () => {
    const config = { arguments: 'token', argument: 'a b', fieldsMax: 0, header: 'x' };
    expect(await problemsOf('query Op { ok }', { config, shared: { scalars: {} } })).toEqual([
      'argument must be an argument path, not "a b".',
      'fieldsMax must be a whole number from 1 to 1000, not 0.',
      'There is no option "arguments"; there are argument, fieldsMax and ttlSeconds.',
      'There is no option "header"; there are argument, fieldsMax and ttlSeconds.',
    ]);
    const noOptions = 'token' as unknown as Record<string, unknown>;
    expect(await problemsOf('query Op { ok }', { config: noOptions })).toEqual([
      'The options must be names and values, not "token".',
    ]);
    expect(await problemsOf('query Op { ok }', { shared: { fieldsMax: '5' } })).toEqual([
      'fieldsMax must be a whole number from 1 to 1000, not "5".',
    ]);
  });

  it('of its own options, whatever the plugins beside it are told', () => {
    const schema = buildSchema(`${idempotentTypeDefs}\n${SDL}`);
    const beside = { typescript: { enumsAsTypes: true } };
    const run = (...allPlugins: Record<string, unknown>[]) =>
      plugin(schema, [], {}, { allPlugins });
    expect(run(beside, { 'graphql-idempotency/codegen': null })).toContain('{} as const');
    expect(() => run({ './node_modules/ours.js': { max: 1 } })).toThrow('no option "max"');
    expect(() => run(beside, { './graphql-idempotency/codegen/index.js': { max: 1 } })).toThrow(
      'There is no option "max"; there are argument, fieldsMax and ttlSeconds.',
    );
  });

  it('and a schema that marks nothing', async () => {
    const sdl = 'type Query { ok: Int } type Mutation { ping: Int }';
    expect(await problemsOf('mutation Op { ping @idempotent }', { sdl })).toEqual([
      'The schema marks no mutation with @idempotent. An introspection result, from a URL or a ' +
        'JSON file, has no uses of directives: let "schema" name the SDL of the server.',
    ]);
  });
});
