import SchemaBuilder from '@pothos/core';
import DirectivesPlugin from '@pothos/plugin-directives';
import { buildSchema as buildGarphSchema, GarphSchema } from 'garph';
import {
  buildSchema,
  GraphQLInt,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  type GraphQLField,
} from 'graphql';
import { SchemaComposer } from 'graphql-compose';
import { applyIdempotency, idempotentTypeDefs } from '../../src/index.js';
import { findMarkedFields } from '../../src/graphql/schema/marked-fields.js';
import { startServer } from './apollo.js';

const POLICY = { ttlSeconds: 60, required: true, onError: 'SEAL', argument: 'requestId' };
const SDL_POLICY = '(ttlSeconds: 60, required: true, onError: SEAL, argument: "requestId")';

let calls = 0;
beforeEach(() => {
  calls = 0;
});

/** A schema whose mutation `pay` has these extensions. */
function withExtensions(
  extensions: Readonly<Record<string, unknown>>,
  sdlMark = '',
): GraphQLSchema {
  const schema = buildSchema(
    `${idempotentTypeDefs}
     type Query { ping: String }
     type Mutation { pay(requestId: String): Int ${sdlMark} }`,
  );
  const field = payOf(schema);
  field.extensions = extensions;
  field.resolve = () => (calls += 1);
  return schema;
}

function payOf(schema: GraphQLSchema): GraphQLField<unknown, unknown> {
  const field = schema.getMutationType()?.getFields()['pay'];
  if (field === undefined) throw new Error('There is no Mutation.pay.');
  return field;
}

function composed(directives: { name: string; args?: object }[]): GraphQLSchema {
  const composer = new SchemaComposer();
  composer.Query.addFields({ ping: 'String' });
  composer.Mutation.addFields({
    pay: { type: 'Int', args: { requestId: 'String' }, directives, resolve: () => (calls += 1) },
  });
  return composer.buildSchema();
}

function garph(): GraphQLSchema {
  const g = new GarphSchema();
  g.type('Query', { ping: g.string().optional() });
  g.type('Mutation', { pay: g.int().args({ requestId: g.string().optional() }) });
  return buildGarphSchema({ g, resolvers: { Mutation: { pay: () => (calls += 1) } } as never });
}

interface PothosTypes {
  Directives: { idempotent: { locations: 'FIELD_DEFINITION'; args: Record<string, unknown> } };
}

function pothos(directives: object): GraphQLSchema {
  const builder = new SchemaBuilder<PothosTypes>({
    plugins: [DirectivesPlugin],
    // Of a plugin that is not used here, but whose types are global.
    scopeAuth: { authScopes: () => ({}) },
  });
  builder.queryType({ fields: (t) => ({ ping: t.string({ resolve: () => '' }) }) });
  builder.mutationType({
    fields: (t) => ({
      pay: t.int({
        args: { requestId: t.arg.string() },
        directives: directives,
        resolve: () => (calls += 1),
      }),
    }),
  });
  return builder.toSchema();
}

/** A field as builders make it that do not call graphql's constructors for it. */
function withoutExtensions(directives: object | undefined): GraphQLSchema {
  const type = new GraphQLObjectType({
    name: 'Mutation',
    fields: {
      pay: {
        type: GraphQLInt,
        args: { requestId: { type: GraphQLString } },
        resolve: () => (calls += 1),
      },
    },
  });
  const ping = { type: GraphQLInt };
  const query = new GraphQLObjectType({ name: 'Query', fields: { ping } });
  const schema = new GraphQLSchema({ query, mutation: type });
  const field: Partial<GraphQLField<unknown, unknown>> = payOf(schema);
  delete field.extensions;
  field.astNode = { kind: 'FieldDefinition', ...(directives && { directives }) } as never;
  return schema;
}

const sdlNode = (schema: GraphQLSchema): object => payOf(schema).astNode?.directives ?? [];

describe('a mark is read', () => {
  const list = [{ name: 'deprecated', args: {} }];
  it.each<[form: string, make: () => GraphQLSchema]>([
    ['in SDL', () => withExtensions({}, `@idempotent${SDL_POLICY}`)],
    ['as an object', () => withExtensions({ directives: { idempotent: POLICY } })],
    ['as an object with a list', () => withExtensions({ directives: { idempotent: [POLICY] } })],
    [
      'as a list of names and arguments',
      () => withExtensions({ directives: [...list, { name: 'idempotent', args: POLICY }] }),
    ],
    [
      'in SDL and as an object that says the same',
      () =>
        withExtensions(
          { directives: { idempotent: { ...POLICY, leaseMs: undefined, waitMs: null } } },
          `@idempotent${SDL_POLICY}`,
        ),
    ],
    [
      'on a field without extensions',
      () => withoutExtensions(sdlNode(withExtensions({}, `@idempotent${SDL_POLICY}`))),
    ],
    ['from graphql-compose', () => composed([{ name: 'idempotent', args: POLICY }])],
    ['from Pothos, as an object', () => pothos({ idempotent: POLICY })],
    ['from Pothos, as a list', () => pothos([{ name: 'idempotent', args: POLICY }])],
  ])('%s, with its arguments', async (_, make) => {
    const { fields, problems } = findMarkedFields(make());
    expect(problems).toEqual([]);
    expect(fields.get('pay')?.policy).toEqual(POLICY);
    const server = await startServer(make());
    const pay = 'mutation { pay(requestId: "k1") }';
    expect((await server.post(pay)).body.data).toEqual({ pay: 1 });
    expect((await server.post(pay)).body.data).toEqual({ pay: 1 });
    await server.stop();
  });

  it.each<[form: string, make: () => GraphQLSchema]>([
    ['in SDL', () => withExtensions({}, '@idempotent')],
    ['as an empty object', () => withExtensions({ directives: { idempotent: {} } })],
    ['as true', () => withExtensions({ directives: { idempotent: true } })],
    ['as a list with an empty object', () => withExtensions({ directives: { idempotent: [{}] } })],
    [
      'as a name with empty arguments',
      () => withExtensions({ directives: [{ name: 'idempotent', args: {} }] }),
    ],
    ['as a name', () => withExtensions({ directives: [{ name: 'idempotent' }] })],
    ['as a name from graphql-compose', () => composed([{ name: 'idempotent' }])],
    ['twice', () => withExtensions({ directives: { idempotent: [{}, {}] } }, '@idempotent')],
  ])('%s, without arguments', (_, make) => {
    const { fields, problems } = findMarkedFields(make());
    expect(problems).toEqual([]);
    expect(fields.get('pay')?.policy).toEqual({});
  });

  it.each<[form: string, make: () => GraphQLSchema]>([
    ['without extensions and directives', () => withoutExtensions(undefined)],
    ['with other directives', () => withExtensions({ directives: { auth: {} } })],
    ['with a list of other directives', () => withExtensions({ directives: [{ name: 'auth' }] })],
    ['with no uses', () => withExtensions({ directives: { idempotent: [] } })],
    ['with undefined', () => withExtensions({ directives: { idempotent: undefined } })],
    ['with odd directives', () => withExtensions({ directives: [null, 'auth', 5] })],
    ['with no directives', () => withExtensions({ directives: null })],
    ['from graphql-compose', () => composed([])],
    ['from garph', garph],
  ])('on no field %s', async (_, make) => {
    const { fields, problems } = findMarkedFields(make());
    expect({ fields: [...fields], problems }).toEqual({ fields: [], problems: [] });
    const server = await startServer(applyIdempotency(make()));
    expect((await server.post('mutation { pay }')).body.data).toEqual({ pay: 1 });
    await server.stop();
  });
});

describe('a mark keeps the server from starting', () => {
  it.each<[what: string, make: () => GraphQLSchema, message: string]>([
    [
      'that SDL and extensions give different arguments',
      () => withExtensions({ directives: { idempotent: { ttlSeconds: 61 } } }, '@idempotent'),
      'Mutation.pay is marked @idempotent twice, with {} and with {"ttlSeconds":61}.',
    ],
    [
      'that is given twice with different arguments',
      () => withExtensions({ directives: { idempotent: [{ waitMs: 1 }, { waitMs: 2 }] } }),
      'Mutation.pay is marked @idempotent twice, with {"waitMs":1} and with {"waitMs":2}.',
    ],
    ...[false, null, 'yes', 5, [[]]].map((form): [string, () => GraphQLSchema, string] => [
      `that is ${JSON.stringify(form)}`,
      () => withExtensions({ directives: { idempotent: form } }),
      'Mutation.pay: extensions.directives holds idempotent in a form that is not known.',
    ]),
    ...['{ ttl: 1 }', '[{ ttl: 1 }]'].map((form, index): [string, () => GraphQLSchema, string] => [
      `that has an unknown argument, as ${form}`,
      () => withExtensions({ directives: { idempotent: index === 0 ? { ttl: 1 } : [{ ttl: 1 }] } }),
      'Mutation.pay: @idempotent has no argument "ttl".',
    ]),
    [
      'whose argument is out of range, in a list',
      () => withExtensions({ directives: [{ name: 'idempotent', args: { ttlSeconds: '60' } }] }),
      'Mutation.pay: ttlSeconds must be a whole number from 1 to 34560000, not "60".',
    ],
    [
      'whose argument is out of range, in SDL',
      () => withExtensions({}, '@idempotent(waitMs: -1)'),
      'Mutation.pay: waitMs must be a whole number from 0 to 300000, not -1.',
    ],
    [
      'with a key',
      () => withExtensions({ directives: { idempotent: { key: 'k' } } }),
      'Mutation.pay: key belongs into documents, not into the schema.',
    ],
  ])('%s', (_, make, message) => {
    expect(() => applyIdempotency(make())).toThrow(message);
  });
});
