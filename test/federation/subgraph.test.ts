import 'reflect-metadata';
import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  getDirective,
  mapSchema,
  MapperKind,
  printSchemaWithDirectives,
} from '@graphql-tools/utils';
import {
  defaultFieldResolver,
  GraphQLError,
  parse,
  specifiedDirectives,
  type GraphQLSchema,
} from 'graphql';
import {
  Arg,
  Authorized,
  buildSchemaSync,
  createResolversMap,
  createUnionType,
  Directive,
  Field,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from 'type-graphql';
import {
  applyIdempotency,
  idempotentDirective,
  idempotentTypeDefs,
  type Execution,
} from '../../src/index.js';
import { CurrentExecution, Idempotent } from '../../src/type-graphql/index.js';
import { codes, startServer, type TestContext, type TestServer } from '../graphql/apollo.js';

let calls: string[] = [];

@ObjectType()
@Directive('@key(fields: "id")')
class Booking {
  @Field(() => ID)
  id!: string;

  @Field(() => Date)
  at!: Date;

  @Field(() => String)
  label(): string {
    return `booking ${this.id}`;
  }
}

@ObjectType()
class FullyBooked {
  @Field(() => Int)
  nights!: number;
}

const BookResult = createUnionType({
  name: 'BookResult',
  types: () => [Booking, FullyBooked] as const,
});

@Resolver()
class BookingResolver {
  @Query(() => String)
  ping(): string {
    return 'pong';
  }

  @Authorized()
  @Mutation(() => BookResult)
  @Idempotent({ onCrash: 'RERUN', waitMs: 0 })
  book(
    @Arg('nights', () => Int) nights: number,
    @CurrentExecution() execution?: Execution,
  ): Booking | FullyBooked {
    calls.push(`book ${String(nights)} as ${String(execution?.key)}`);
    return nights > 3
      ? Object.assign(new FullyBooked(), { nights })
      : Object.assign(new Booking(), { id: 'b1', at: new Date(0) });
  }

  @Mutation(() => String)
  @Idempotent({
    recover: ({ key }) => {
      calls.push(`recover ${key}`);
      return Promise.resolve({ value: 'found' });
    },
  })
  cancel(): string {
    calls.push('cancel');
    throw new TypeError('the answer of the database was lost');
  }
}

function typeGraphQLSchema(): GraphQLSchema {
  return buildSchemaSync({
    resolvers: [BookingResolver],
    directives: [...specifiedDirectives, idempotentDirective],
    validate: false,
    authChecker: ({ context }: { context: TestContext }) => context.user !== 'eve',
  });
}

function subgraphOf(schema: GraphQLSchema): GraphQLSchema {
  return buildSubgraphSchema({
    typeDefs: parse(printSchemaWithDirectives(schema)),
    resolvers: createResolversMap(schema) as Record<string, never>,
  });
}

describe('a subgraph', () => {
  let server: TestServer;
  const headers = { 'idempotency-key': 'k1' };

  beforeEach(() => {
    calls = [];
    jest.spyOn(console, 'info').mockImplementation(() => undefined);
  });
  afterEach(() => server.stop());

  async function tellsSdl(): Promise<string> {
    const { body } = await server.post('{ _service { sdl } }');
    return (body.data?.['_service'] as { sdl: string }).sdl;
  }

  describe('from a TypeGraphQL schema', () => {
    beforeEach(async () => {
      server = await startServer(subgraphOf(applyIdempotency(typeGraphQLSchema())));
    });

    const BOOK = `mutation { book(nights: 1) {
      __typename ... on Booking { id at label } ... on FullyBooked { nights }
    } }`;

    it('replays what @Idempotent kept, with the execution in its place (G2)', async () => {
      const first = await server.post(BOOK, { headers });
      const second = await server.post(BOOK, { headers });
      expect(first.body.data?.['book']).toEqual({
        __typename: 'Booking',
        id: 'b1',
        at: '1970-01-01T00:00:00.000Z',
        label: 'booking b1',
      });
      expect(second.body.data).toEqual(first.body.data);
      expect(second.headers.get('idempotent-replayed')).toBe('true');
      expect(calls).toEqual(['book 1 as k1']);
    });

    it('keeps idempotency inside of guards (G16)', async () => {
      await server.post(BOOK, { headers });
      const eve = await server.post(BOOK, { headers, user: 'eve' });
      expect(codes(eve)).toEqual(['UNAUTHENTICATED']);
      expect(eve.body.extensions).toBeUndefined();
      expect(server.events.map(({ type }) => type)).toEqual(['claimed', 'executed']);
    });

    it('asks the recover function of the decorator (G11)', async () => {
      await server.post('mutation { cancel }', { headers });
      const second = await server.post('mutation { cancel }', { headers });
      expect(second.body.data).toEqual({ cancel: 'found' });
      expect(calls).toEqual(['cancel', 'recover k1']);
    });

    it('tells the definition and the uses of the directive', async () => {
      const sdl = await tellsSdl();
      expect(sdl).toContain('directive @idempotent(');
      expect(sdl).toContain('@idempotent(onCrash: RERUN, waitMs: 0)');
    });
  });

  it('whose resolvers were taken from a TypeGraphQL schema too early runs none of them', async () => {
    server = await startServer(subgraphOf(typeGraphQLSchema()));
    for (const query of ['mutation { cancel }', 'mutation { book(nights: 1) { __typename } }']) {
      const { body } = await server.post(query, { headers });
      expect(body.errors?.[0]?.message).toMatch(/Call applyIdempotency on that schema before/);
    }
    expect(calls).toEqual([]);
  });

  describe('from SDL', () => {
    const typeDefs = `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
      directive @auth on FIELD_DEFINITION
      type Payment @key(fields: "id") { id: ID! }
      type Query { ping: String }
      type Mutation { pay: Payment @auth @idempotent(ttlSeconds: 60) }
    `;
    const schema = (): GraphQLSchema =>
      buildSubgraphSchema([
        parse(idempotentTypeDefs),
        {
          typeDefs: parse(typeDefs),
          resolvers: { Mutation: { pay: () => (calls.push('pay'), { id: 'p1' }) } },
        },
      ]);

    it('tells the definition and the uses of the directive', async () => {
      server = await startServer(schema());
      const sdl = await tellsSdl();
      expect(sdl).toContain('directive @idempotent(');
      expect(sdl).toContain('pay: Payment @auth @idempotent(ttlSeconds: 60)');
    });

    it('takes guards around applyIdempotency', async () => {
      const guarded = mapSchema(applyIdempotency(schema()), {
        [MapperKind.MUTATION_ROOT_FIELD](field, _name, _type, mapped) {
          if (getDirective(mapped, field, 'auth') === undefined) return field;
          const { resolve = defaultFieldResolver } = field;
          field.resolve = (source, args, context: TestContext, info) => {
            if (context.user === 'eve') throw new GraphQLError('No.');
            return resolve(source, args, context, info);
          };
          return field;
        },
      });
      server = await startServer(guarded, { scope: 'global' });
      await server.post('mutation { pay { id } }', { headers });
      const second = await server.post('mutation { pay { id } }', { headers });
      expect(second.headers.get('idempotent-replayed')).toBe('true');
      const eve = await server.post('mutation { pay { id } }', { headers, user: 'eve' });
      expect(eve.body).toMatchObject({ data: { pay: null }, errors: [{ message: 'No.' }] });
      expect(calls).toEqual(['pay']);
    });

    it('keeps entities that are instances as responses, and looks none up for a replay (G2)', async () => {
      class Payment {
        constructor(readonly id: string) {}
        receipt(): string {
          calls.push(`receipt of ${this.id}`);
          return `receipt of ${this.id}`;
        }
      }
      const entities = buildSubgraphSchema([
        parse(idempotentTypeDefs),
        {
          typeDefs: parse(`
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
            interface Node { id: ID! }
            type Payment implements Node @key(fields: "id") { id: ID! receipt: String! payer: User! }
            type User @key(fields: "id", resolvable: false) { id: ID! }
            type Query { ping: String }
            type Mutation { pay: Node! @idempotent }
          `),
          resolvers: {
            Node: { __resolveType: () => (calls.push('type'), 'Payment') },
            Payment: {
              payer: () => ({ id: 'alice' }),
              __resolveReference: ({ id }: { id: string }) => new Payment(id),
            },
            Mutation: { pay: () => (calls.push('pay'), new Payment('p1')) },
          },
        },
      ]);
      server = await startServer(entities);
      // As a gateway asks: it needs the keys of what it completes from other subgraphs.
      const pay = (name: string) => `mutation ${name} {
        pay { __typename id ... on Payment { receipt payer { __typename id } } } }`;
      const first = await server.post(pay('Pay__payments__0'), { headers });
      const data = {
        pay: {
          __typename: 'Payment',
          id: 'p1',
          receipt: 'receipt of p1',
          payer: { __typename: 'User', id: 'alice' },
        },
      };
      expect(first.body.data).toEqual(data);
      expect(first.body.extensions?.idempotency?.['pay']).toMatchObject({ kept: 'response' });
      expect(calls.splice(0)).toEqual(['pay', 'type', 'receipt of p1']);
      const second = await server.post(pay('Retry__payments__0'), { headers });
      expect(second.body.data).toEqual(data);
      expect(second.headers.get('idempotent-replayed')).toBe('true');
      expect(calls).toEqual([]);
      // What the gateway asks for in a step of its own is a query: it runs each time.
      const entity = `query ($of: [_Any!]!) { _entities(representations: $of) {
        __typename ... on Payment { receipt } } }`;
      const variables = { of: [{ __typename: 'Payment', id: 'p1' }] };
      expect((await server.post(entity, { variables })).body.data).toEqual({
        _entities: [{ __typename: 'Payment', receipt: 'receipt of p1' }],
      });
      expect(calls).toEqual(['receipt of p1']);
    });

    it('tells its trace beside the marks when a gateway asks for it', async () => {
      server = await startServer(schema());
      const { body } = await server.post('mutation { pay { id } }', {
        headers: { ...headers, 'apollo-federation-include-trace': 'ftv1' },
      });
      expect(Object.keys(body.extensions ?? {}).sort()).toEqual(['ftv1', 'idempotency']);
    });
  });
});
