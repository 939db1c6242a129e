import fc from 'fast-check';

/** A document that may or may not be generated, and values for the variables that are no keys. */
export interface RandomDocument {
  readonly text: string;
  readonly values: Readonly<Record<string, unknown>>;
}

const TYPES: Readonly<Record<string, string>> = {
  k0: 'String',
  k1: 'String',
  k2: 'String',
  id0: 'ID',
  id1: 'ID',
  pay0: 'PayInput!',
  refund0: 'RefundInput',
  refund1: 'RefundInput!',
  book0: 'BookInput!',
  meta0: 'BookMeta',
  meta1: 'BookMeta!',
  on: 'Boolean!',
  off: 'Boolean!',
};

/** The variables that hold nothing but a key. */
export const KEY_VARIABLES = ['k0', 'k1', 'k2', 'id0', 'id1'];

const keys = fc.constantFrom('$k0', '$k1', '$k2');
const ids = fc.constantFrom('$id0', '$id1');
const texts = (...all: string[]): fc.Arbitrary<string> => fc.constantFrom(...all);

/** The arguments that a mutation of the test schema may be given. */
const ARGUMENTS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  pay: fc.oneof(
    texts('(input: $pay0)', '(input: { amount: 1 }, idempotencyKey: null)'),
    keys.map((key) => `(input: $pay0, idempotencyKey: ${key})`),
  ),
  refund: fc.oneof(
    texts('', '(note: "x")', '(input: null)', '(input: { amount: 1 })'),
    texts('(input: $refund0)', '(input: $refund1)'),
    keys.map((key) => `(input: { amount: 1, idempotencyKey: ${key} })`),
  ),
  book: fc.oneof(
    texts(
      '(request: $book0)',
      '(request: { room: 1 })',
      '(request: { meta: $meta0 })',
      '(request: { meta: $meta1 })',
    ),
    ids.map((id) => `(request: { meta: { requestId: ${id}, source: "x" } })`),
  ),
  ping: texts('', '(note: "x")'),
  send: fc.oneof(
    texts('(text: "x")'),
    ids.map((id) => `(token: ${id})`),
  ),
};

const directives = fc.oneof(
  { weight: 3, arbitrary: keys.map((key) => ` @idempotent(key: ${key})`) },
  { weight: 3, arbitrary: texts('') },
  { weight: 1, arbitrary: texts(' @idempotent', ' @idempotent(key: null)') },
);

/** Ways to select something, each with a fragment of its own. */
const WRAPPERS: readonly ((field: string, name: string) => readonly [string, string])[] = [
  (field) => [field, ''],
  (field) => [`... on Mutation { ${field} }`, ''],
  (field) => [`... @include(if: $on) { ${field} }`, ''],
  (field) => [`... @skip(if: $off) { ${field} }`, ''],
  (field, name) => [`...${name}`, `fragment ${name} on Mutation { ${field} }`],
  (field, name) => [`...${name} @include(if: $on)`, `fragment ${name} on Mutation { ${field} }`],
];

const fields = fc.constantFrom(...Object.keys(ARGUMENTS)).chain((name) =>
  fc.record({
    name: fc.constant(name),
    args: ARGUMENTS[name] ?? texts(''),
    // At each of its places in the document.
    places: fc.array(fc.record({ directive: directives, wrapper: fc.nat(WRAPPERS.length - 1) }), {
      minLength: 1,
      maxLength: 2,
      size: 'small',
    }),
  }),
);

/** Documents with one operation `Op` over the test schema that the generator itself has no objection to. */
export const documents: fc.Arbitrary<RandomDocument> = fc
  .record({
    fields: fc.array(fields, { minLength: 1, maxLength: 4 }),
    on: fc.boolean(),
    off: fc.boolean(),
    refund0: fc.constantFrom(undefined, {}, { amount: 3 }),
    meta0: fc.constantFrom(undefined, { source: 'x' }),
    book0: fc.constantFrom({}, { room: 2 }, { room: 2, meta: { source: 'x' } }),
  })
  .map(({ fields: selected, ...values }) => {
    const places = selected.flatMap(({ name, args, places: all }, index) =>
      all.map(({ directive, wrapper }, place) => {
        const selection = name === 'refund' ? ' { name }' : '';
        const field = `f${index}: ${name}${args}${directive}${selection}`;
        return WRAPPERS[wrapper]?.(field, `F${index}_${place}`) ?? [field, ''];
      }),
    );
    const body = places.map(([selection]) => selection).join(' ');
    const fragments = places.map(([, fragment]) => fragment).join('\n');
    const used = Object.entries(TYPES).filter(([name]) =>
      new RegExp(`\\$${name}\\b`).test(body + fragments),
    );
    const variables = used.map(([name, type]) => `$${name}: ${type}`).join(', ');
    return {
      text: `mutation Op${variables === '' ? '' : `(${variables})`} { ${body} }\n${fragments}`,
      values: {
        pay0: { amount: 1 },
        refund1: { amount: 4 },
        meta1: { source: 'y' },
        ...values,
      },
    };
  });
