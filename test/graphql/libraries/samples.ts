import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultFieldResolver, GraphQLScalarType, isObjectType, type GraphQLSchema } from 'graphql';
import { codes, sdl, startServer, type TestResponse } from '../apollo.js';
import { CACHE_CONTROL } from '../twice.js';

type Resolver = (source: unknown, args: unknown, context: unknown, info: never) => unknown;

/** Something that resolvers return because a library gave it to them: a row of `docs/results.md`. */
export interface Sample {
  readonly library: string;
  /** The part of the library, as the page names it. */
  readonly what: string;
  readonly kept: 'value' | 'response';
  /** The resolver of the mutation. What it returns is the same each time. */
  readonly make: Resolver;
  /** The fields of the type `Thing`, in SDL. `Text` is a scalar that makes a string of anything. */
  readonly fields: string;
  /** Resolvers of these fields. */
  readonly resolvers?: Readonly<Record<string, (thing: never) => unknown>>;
  /** Two selections, each in braces. */
  readonly select: readonly [string, string];
  /** Whether another selection is answered too. @defaultValue whether it is kept as a value */
  readonly answersOthers?: boolean;
}

/** Counts calls of scalars and of resolvers below the root. */
let asked = 0;

/** Tests that hold every sample of a family to what `docs/results.md` says of it. */
export function testFamily(heading: string, samples: readonly Sample[]): void {
  test(`the page about results has all of these, and nothing else: ${heading}`, () => {
    const rows = samples.map(({ library, what, kept }) => [library, what, kept]);
    expect(documentedUnder(heading)).toEqual(rows);
  });

  describe.each(CACHE_CONTROL)('%s (G2)', (_, apollo) => {
    test.each(samples.map((sample) => [sample.library, sample.what, sample] as const))(
      'a retry gets the first answer: %s, %s',
      async (__, ___, sample) => {
        const server = await startServer(schemaOf(sample), {}, apollo);
        const send = (selection: string, key = 'k1'): Promise<TestResponse> =>
          server.post(`mutation { make ${selection} }`, { headers: { 'idempotency-key': key } });
        try {
          await expectSame(sample, send);
        } finally {
          await server.stop();
        }
      },
    );
  });
}

async function expectSame(
  { kept, select: [selection, other], answersOthers = kept === 'value' }: Sample,
  send: (selection: string, key?: string) => Promise<TestResponse>,
): Promise<void> {
  const first = await send(selection);
  expect(first.body.extensions?.idempotency?.['make']).toMatchObject({ status: 'executed', kept });
  const before = asked;
  const again = await send(selection);
  expect(again.body.extensions?.idempotency?.['make']).toMatchObject({ status: 'replayed' });
  expect(again.body.data).toEqual(first.body.data);
  expect(again.body.errors).toEqual(first.body.errors);
  if (kept === 'response') expect(asked).toBe(before);

  const fresh = await send(other, 'k2');
  const retried = await send(other);
  if (answersOthers) {
    expect(retried.body.data).toEqual(fresh.body.data);
    expect(retried.body.errors).toEqual(fresh.body.errors);
  } else {
    expect(codes(retried)).toEqual(['IDEMPOTENCY_RESULT_UNAVAILABLE']);
  }
}

function schemaOf({ make, fields, resolvers }: Sample): GraphQLSchema {
  const Text = new GraphQLScalarType({
    name: 'Text',
    serialize(value) {
      asked += 1;
      return String(value);
    },
  });
  const schema = sdl(
    `scalar Text
     type Query { ping: String }
     type Thing { ${fields} }
     type Mutation { make: Thing @idempotent }`,
    { Text, Mutation: { make }, ...(resolvers && { Thing: resolvers }) },
  );
  const thing = schema.getType('Thing');
  for (const field of Object.values(isObjectType(thing) ? thing.getFields() : {})) {
    const { resolve = defaultFieldResolver } = field;
    field.resolve = (...parts) => {
      asked += 1;
      return resolve(...parts);
    };
  }
  return schema;
}

/** The rows of the table under a heading: library, what, kept as. */
function documentedUnder(heading: string): string[][] {
  const page = readFileSync(join(__dirname, '../../../docs/results.md'), 'utf8');
  const [, section = ''] = page.split(`\n### ${heading}\n`);
  const [table = ''] = section.split('\n#');
  const rows = table.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('`', '').trim()),
  );
}
