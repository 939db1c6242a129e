import SchemaBuilder from '@pothos/core';
import DirectivesPlugin from '@pothos/plugin-directives';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { fieldAuthorizePlugin, makeSchema, mutationType, queryType } from 'nexus';
import {
  applyIdempotency,
  createIdempotency,
  idempotentField,
  idempotentTypeDefs,
  MemoryStore,
} from '../../src/index.js';
import { findMarkedFields } from '../../src/graphql/schema/marked-fields.js';
import { startServer } from './apollo.js';

type FieldOptions = Readonly<Record<string, unknown>>;

const pay = (): number => 1;
const MARK = { extensions: { directives: { idempotent: {} } }, resolve: pay };

function pothos(field: FieldOptions, type: FieldOptions = {}): GraphQLSchema {
  const builder = new SchemaBuilder<{ AuthScopes: { customer: boolean } }>({
    plugins: [ScopeAuthPlugin, DirectivesPlugin],
    scopeAuth: { authScopes: () => ({ customer: true }) },
  });
  builder.queryType({ fields: (t) => ({ ping: t.string({ resolve: () => '' }) }) });
  builder.mutationType({
    ...type,
    fields: (t) => ({ pay: t.int({ resolve: pay, ...field }) }),
  });
  return builder.toSchema();
}

function nexus(field: FieldOptions): GraphQLSchema {
  return makeSchema({
    shouldGenerateArtifacts: false,
    plugins: [fieldAuthorizePlugin()],
    types: [
      queryType({
        definition: (t) => {
          t.string('ping');
        },
      }),
      mutationType({
        definition: (t) => {
          t.int('pay', { resolve: pay, ...field });
        },
      }),
    ],
  });
}

function problemOf(schema: GraphQLSchema): string | undefined {
  const { applyTo } = idempotency();
  try {
    applyTo(schema);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

function idempotency(): { applyTo: (schema: GraphQLSchema) => void } {
  const own = createIdempotency({ store: new MemoryStore(), scope: 'global' });
  return { applyTo: (schema) => void own.applyTo(schema) };
}

describe('a mark around a guard that a builder put into the resolver', () => {
  const authScopes = { customer: true };
  const authorize = (): boolean => true;
  it.each<[what: string, make: () => GraphQLSchema, guard: string]>([
    ['authScopes of Pothos', () => pothos({ ...MARK, authScopes }), 'the authScopes of Pothos'],
    [
      'a mark of its directives plugin',
      () => pothos({ authScopes, directives: { idempotent: {} } }),
      'the authScopes of Pothos',
    ],
    [
      'authScopes of its type',
      () => pothos(MARK, { authScopes }),
      'the authScopes of its type in Pothos',
    ],
    ['authorize of Nexus', () => nexus({ ...MARK, authorize }), 'the authorize of Nexus'],
  ])('is refused at start: %s', (_what, make, guard) => {
    const line =
      `Mutation.pay: ${guard} runs inside of its resolver, so a replay would skip it. Give the field ` +
      '...idempotentField(policy, resolver) in place of its resolve and its mark.';
    expect(problemOf(make())).toContain(`createIdempotency refuses to start:\n  - ${line}`);
    expect(() => applyIdempotency(make())).toThrow(line);
  });

  it.each<[what: string, make: () => GraphQLSchema]>([
    ['no guard', () => pothos(MARK)],
    [
      'a type whose scopes it skips',
      () => pothos({ ...MARK, skipTypeScopes: true }, { authScopes }),
    ],
    ['idempotentField in Pothos', () => pothos({ authScopes, ...idempotentField(pay) })],
    ['idempotentField in Nexus', () => nexus({ authorize, ...idempotentField(pay) })],
    ['no guard in Nexus', () => nexus(MARK)],
  ])('is no problem with %s', (_what, make) => {
    expect(problemOf(make())).toBeUndefined();
    expect(() => applyIdempotency(make())).not.toThrow();
  });
});

describe('idempotentField', () => {
  const POLICY = { ttlSeconds: 60, onError: 'SEAL' } as const;
  const policyOf = (schema: GraphQLSchema): unknown => {
    const { fields, problems } = findMarkedFields(schema);
    return problems.length > 0 ? problems : fields.get('pay')?.policy;
  };

  it('carries its policy through builders, beside their own directives', () => {
    const directives = { deprecated: { reason: 'old' } };
    expect(policyOf(pothos({ ...idempotentField(POLICY, pay), directives }))).toEqual(POLICY);
    expect(policyOf(nexus({ ...idempotentField(POLICY, pay) }))).toEqual(POLICY);
  });

  it('is a field of a resolver map, and leaves the policy to its SDL', async () => {
    const schema = (field: object, mark: string): GraphQLSchema =>
      makeExecutableSchema({
        typeDefs: `${idempotentTypeDefs}
          type Query { ping: Int }
          type Mutation { pay(idempotencyKey: String): Int ${mark} }`,
        resolvers: { Mutation: { pay: field } },
      });
    let calls = 0;
    const field = idempotentField(() => (calls += 1));
    expect(policyOf(schema(field, '@idempotent(ttlSeconds: 60, onError: SEAL)'))).toEqual(POLICY);
    expect(policyOf(schema(field, ''))).toEqual({});
    expect(policyOf(schema(idempotentField(POLICY, pay), '@idempotent(ttlSeconds: 5)'))).toEqual([
      'Mutation.pay is marked @idempotent twice, with {"ttlSeconds":60,"onError":"SEAL"} and with ' +
        '{"ttlSeconds":5}.',
    ]);
    const server = await startServer(schema(field, '@idempotent'));
    const send = 'mutation { pay(idempotencyKey: "k1") }';
    expect((await server.post(send)).body.data).toEqual({ pay: 1 });
    expect((await server.post(send)).body.data).toEqual({ pay: 1 });
    await server.stop();
  });

  it('is refused where no root mutation field is', () => {
    const schema = makeExecutableSchema({
      typeDefs: 'type Query { ping: Int }',
      resolvers: { Query: { ping: idempotentField(pay) } },
    });
    expect(problemOf(schema)).toContain('Query.ping is marked @idempotent');
  });

  it('refuses wrong options and a missing resolver at once', () => {
    const wrong = { ttlSeconds: 0, tll: 3, recover: 'no' } as never;
    expect(() => idempotentField(wrong, undefined as never)).toThrow(
      'idempotentField: @idempotent has no argument "tll". ttlSeconds must be a whole number from ' +
        '1 to 34560000, not 0. recover must be a function. it needs the resolver: ' +
        'idempotentField(policy, resolver).',
    );
    expect(() => idempotentField({ key: 'k' } as never, pay)).toThrow('key belongs into documents');
  });

  it('does not run where nothing asks for records', async () => {
    const { resolve } = idempotentField(pay);
    const info = { parentType: { name: 'Mutation' }, fieldName: 'pay' } as never;
    await expect(resolve({}, {}, {}, info)).rejects.toThrow('Mutation.pay is marked @idempotent');
  });
});
