import fc from 'fast-check';
import { GraphQLScalarType, Kind, print, type ValueNode } from 'graphql';
import { codes, sdl, startServer, type TestServer } from './apollo.js';

const MISMATCH = 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH';

class TZDate extends Date {
  constructor(
    time: string,
    readonly timeZone: string,
  ) {
    super(time);
  }
}
class Secret {
  readonly #pin: unknown;
  constructor(pin: unknown) {
    this.#pin = pin;
  }
  reveal(): unknown {
    return this.#pin;
  }
}
class Tagged extends Map<string, string> {}

const hidden = (value: unknown): object => Object.defineProperty({}, 'value', { value });

/** Scalars whose values are not shown by their data, or not by how they are serialized. */
const SCALARS: Readonly<Record<string, (value: unknown) => unknown>> = {
  Zoned: (value) => new TZDate('2026-01-01', String(value)),
  Pin: (value) => new Secret(value),
  Labels: (value) => Object.assign(new Tagged(), { label: value }),
  Labelled: (value) => Object.assign(new Set(['a']), { label: value }),
  Marked: (value) => Object.assign<unknown[], object>(['a'], { label: value }),
  Hidden: hidden,
  Symbolic: (value) => ({ [Symbol.for('value')]: value }),
};

const typeDefs = /* GraphQL */ `
  ${Object.keys(SCALARS)
    .map((name) => `scalar ${name}`)
    .join('\n')}
  scalar JSON
  input One @oneOf {
    pin: Pin
    number: Int
  }
  input Item {
    pin: Pin
    pins: [[Pin!]]
    item: Item
    json: JSON
    withDefault: Pin = "1111"
  }
  type Query {
    ping: String
  }
  type Mutation {
    put(
      ${Object.keys(SCALARS)
        .map((name) => `v${name}: ${name}`)
        .join('\n')}
      item: Item
      items: [Item]
      json: JSON
      one: One
      pins: [Pin]
      byDefault: Pin = "1111"
    ): Int @idempotent
  }
`;

function scalar(name: string, parse: (value: unknown) => unknown): GraphQLScalarType {
  return new GraphQLScalarType({
    name,
    serialize: () => '***',
    parseValue: parse,
    parseLiteral: (node) => parse(print(node)),
  });
}

let server: TestServer;
let calls = 0;
let lastKey = 0;

beforeAll(async () => {
  const scalars = Object.entries(SCALARS).map(([name, parse]): [string, object] => [
    name,
    scalar(name, parse),
  ]);
  const schema = sdl(typeDefs, {
    ...Object.fromEntries(scalars),
    JSON: scalar('JSON', (value) => value),
    Mutation: { put: () => (calls += 1) },
  });
  server = await startServer(schema);
});
afterAll(() => server.stop());

interface Sent {
  readonly args: string;
  /** The variables that it declares. */
  readonly declared?: string;
  readonly variables?: Record<string, unknown>;
}

/** Whether two requests with one key are one request. */
async function areTheSame(...both: readonly [Sent, Sent]): Promise<boolean> {
  lastKey += 1;
  const headers = { 'idempotency-key': `key-${String(lastKey)}` };
  const before = calls;
  const answers: unknown[] = [];
  for (const { args, declared, variables = {} } of both) {
    const query = `mutation ${declared ? `(${declared})` : ''} { put${args && `(${args})`} }`;
    const response = await server.post(query, { headers, variables });
    answers.push(codes(response)[0] ?? response.body.data?.['put']);
  }
  expect(answers[0]).toBe(before + 1);
  expect([before + 1, MISMATCH]).toContain(answers[1]);
  expect(calls).toBe(before + 1);
  return answers[1] === before + 1;
}

describe('custom scalars are compared by what the client sent (G7)', () => {
  describe.each(Object.keys(SCALARS))('%s', (name) => {
    const literal = (text: string): Sent => ({ args: `v${name}: "${text}"` });
    const variable = (text: string): Sent => ({
      args: `v${name}: $v`,
      declared: `$v: ${name}`,
      variables: { v: text },
    });

    it('that differ are other requests, and those that are equal the same', async () => {
      for (const one of [literal, variable]) {
        for (const two of [literal, variable]) {
          expect(await areTheSame(one('1111'), two('1111'))).toBe(true);
          expect(await areTheSame(one('1111'), two('2222'))).toBe(false);
        }
      }
    });
  });

  const item = (value: unknown): Sent => ({
    args: 'item: $v',
    declared: '$v: Item',
    variables: { v: value },
  });
  it.each<[what: string, same: boolean, one: Sent, two: Sent]>([
    ['inside of an input', false, item({ pin: '1' }), item({ pin: '2' })],
    [
      'deeper',
      false,
      item({ item: { item: { pin: '1' } } }),
      item({ item: { item: { pin: '2' } } }),
    ],
    ['as a literal', true, { args: 'item: { item: { pin: "1" } }' }, item({ item: { pin: '1' } })],
    ['in lists', false, item({ pins: [['1', '2']] }), item({ pins: [['2', '1']] })],
    ['in lists, equal', true, item({ pins: [['1'], null] }), item({ pins: [['1'], null] })],
    ['one for a list', true, item({ pins: '1' }), item({ pins: [['1']] })],
    ['one for a list, as a literal', true, { args: 'pins: "1"' }, { args: 'pins: ["1"]' }],
    ['another one for a list', false, { args: 'pins: "1"' }, { args: 'pins: ["2"]' }],
    ['null and absent', false, { args: 'vPin: null' }, { args: '' }],
    ['null and the text', false, { args: 'vPin: null' }, { args: 'vPin: "null"' }],
    ['a number and text', false, { args: 'vPin: 1' }, { args: 'vPin: "1"' }],
    ['an enum value and text', false, { args: 'vPin: A' }, { args: 'vPin: "A"' }],
    ['@oneOf', false, { args: 'one: { pin: "1" }' }, { args: 'one: { pin: "2" }' }],
    [
      '@oneOf and another field',
      false,
      { args: 'one: { pin: "1" }' },
      { args: 'one: { number: 1 }' },
    ],
    ['a default left out twice', true, { args: '' }, { args: '' }],
    ['another value than the default', false, { args: '' }, { args: 'byDefault: "2222"' }],
    ['inside, another than the default', false, item({}), item({ withDefault: '2222' })],
    [
      'a variable with a default',
      true,
      { args: 'vPin: $v', declared: '$v: Pin = "1"' },
      { args: 'vPin: "1"' },
    ],
    [
      'a variable with another default',
      false,
      { args: 'vPin: $v', declared: '$v: Pin = "1"' },
      { args: 'vPin: $v', declared: '$v: Pin = "2"' },
    ],
    [
      'a variable in a literal',
      false,
      { args: 'json: { a: [$v] }', declared: '$v: Int', variables: { v: 1 } },
      { args: 'json: { a: [$v] }', declared: '$v: Int', variables: { v: 2 } },
    ],
    [
      'a variable in a literal, and the literal',
      true,
      { args: 'json: { a: [$v] }', declared: '$v: Int', variables: { v: 1 } },
      { args: 'json: { a: [1] }' },
    ],
    [
      'a variable without a value in a literal',
      true,
      { args: 'json: { a: $v, b: [$v] }', declared: '$v: Int' },
      { args: 'json: { b: [null] }' },
    ],
    [
      'a variable in an input',
      false,
      { args: 'item: { pin: $v }', declared: '$v: Pin', variables: { v: '1' } },
      { args: 'item: { pin: $v }', declared: '$v: Pin', variables: { v: '2' } },
    ],
    ['1.0 and 1', false, { args: 'json: 1.0' }, { args: 'json: 1' }],
    ['1.50 and 1.5', false, { args: 'json: 1.50' }, { args: 'json: 1.5' }],
    ['1e400 and 1e401', false, { args: 'json: 1e400' }, { args: 'json: 1e401' }],
    ['-0 and 0', false, { args: 'json: -0' }, { args: 'json: 0' }],
    [
      '2^53 and 2^53 + 1',
      false,
      { args: 'json: 9007199254740992' },
      { args: 'json: 9007199254740993' },
    ],
    [
      '2^53 + 1 and the variable that it becomes',
      false,
      { args: 'json: 9007199254740993' },
      { args: 'json: $v', declared: '$v: JSON', variables: { v: 9007199254740992 } },
    ],
    [
      'fields in another order',
      true,
      { args: 'json: { b: 1, a: [{ d: 1, c: 2 }] }' },
      { args: 'json: $v', declared: '$v: JSON', variables: { v: { a: [{ c: 2, d: 1 }], b: 1 } } },
    ],
  ])('%s: %s', async (_, same, one, two) => {
    expect(await areTheSame(one, two)).toBe(same);
  });
});

/** A literal for JSON that has one. */
function literalOf(value: unknown): ValueNode {
  if (value === null) return { kind: Kind.NULL };
  if (Array.isArray(value)) return { kind: 'ListValue', values: value.map(literalOf) } as never;
  switch (typeof value) {
    case 'string':
      return { kind: 'StringValue', value } as never;
    case 'number':
      return {
        kind: Number.isInteger(value) ? 'IntValue' : 'FloatValue',
        value: String(value),
      } as never;
    case 'boolean':
      return { kind: 'BooleanValue', value } as never;
    default:
      return {
        kind: 'ObjectValue',
        fields: Object.entries(value as object).map(([name, member]) => ({
          kind: 'ObjectField',
          name: { kind: 'Name', value: name },
          value: literalOf(member),
        })),
      } as never;
  }
}

it('JSON as a literal and as a variable is one request exactly when it is the same JSON', async () => {
  const { json } = fc.letrec<{ json: unknown }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      fc.constantFrom<unknown>(null, true, false, '', '1', 'a', 0, 1, -1, 1.5, 'null'),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'A', 'toString'), tie('json'), { maxKeys: 3 }),
    ),
  }));
  await fc.assert(
    fc.asyncProperty(json, json, async (one, two) => {
      const literal = { args: `json: ${print(literalOf(one))}` };
      const variable = (value: unknown): Sent => ({
        args: 'json: $v',
        declared: '$v: JSON',
        variables: { v: value },
      });
      expect(await areTheSame(literal, variable(one))).toBe(true);
      expect(await areTheSame(literal, variable(two))).toBe(sorted(one) === sorted(two));
    }),
    { numRuns: 60 },
  );
});

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [two]) => (one < two ? -1 : 1)))
      : part,
  );
}
