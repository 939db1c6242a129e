import 'reflect-metadata';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { lexicographicSortSchema, specifiedDirectives, type GraphQLSchema } from 'graphql';
import {
  Arg,
  Authorized,
  buildSchemaSync,
  createUnionType,
  Field,
  FieldResolver,
  ID,
  InterfaceType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { idempotentDirective, type Execution } from '../../src/index.js';
import { CurrentExecution, Idempotent } from '../../src/type-graphql/index.js';
import { codes, startServer, type TestContext, type TestServer } from '../graphql/apollo.js';

@InterfaceType()
abstract class Named {
  @Field(() => ID)
  id!: string;
}

@ObjectType({ implements: Named })
class Card extends Named {
  @Field(() => String)
  last4!: string;

  readonly #secret = 'kept by the class';

  @Field(() => String)
  masked(): string {
    return `**** ${this.last4} ${this.#secret}`;
  }
}

@ObjectType({ implements: Named })
class Bank extends Named {
  @Field(() => String)
  iban!: string;
}

const Method = createUnionType({ name: 'Method', types: () => [Card, Bank] as const });

@ObjectType()
class Payment {
  @Field(() => ID)
  id!: string;

  @Field(() => Date)
  createdAt!: Date;

  @Field(() => Method)
  method!: Card | Bank;

  @Field(() => Named)
  named!: Named;

  @Field(() => String)
  get summary(): string {
    return `payment ${this.id}`;
  }
}

function card(): Card {
  return Object.assign(new Card(), { id: 'c1', last4: '4242' });
}

let calls: string[] = [];

/** An entity as object-relational mappers have them: its constructor needs a row. */
@ObjectType()
class Row {
  @Field(() => ID)
  readonly id: string;

  @Field(() => String)
  get label(): string {
    return `row ${this.id}`;
  }

  constructor(row: { id: string }) {
    this.id = row.id;
  }
}

@Resolver(() => Payment)
class PaymentResolver {
  @Query(() => String)
  ping(): string {
    return 'pong';
  }

  @Mutation(() => Payment)
  @Idempotent({ ttlSeconds: 60, onCrash: 'RERUN' })
  pay(
    @Arg('amount', () => Int) amount: number,
    @CurrentExecution() execution?: Execution,
  ): Payment {
    calls.push(`${String(amount)} ${String(execution?.key)} ${String(execution?.attempt)}`);
    return Object.assign(new Payment(), {
      id: 'p1',
      createdAt: new Date(0),
      method: card(),
      named: Object.assign(new Bank(), { id: 'b1', iban: 'DE1' }),
    });
  }

  @Authorized('admin')
  @Mutation(() => Method)
  @Idempotent({ required: false })
  guarded(): Card | Bank {
    calls.push('guarded');
    return card();
  }

  @Mutation(() => Row)
  @Idempotent()
  row(): Row {
    calls.push('row');
    return new Row({ id: '7' });
  }

  @FieldResolver(() => Boolean)
  isCard(@Root() payment: Payment): boolean {
    return payment.method instanceof Card;
  }
}

function schemaOf(): GraphQLSchema {
  return buildSchemaSync({
    resolvers: [PaymentResolver],
    directives: [...specifiedDirectives, idempotentDirective],
    validate: false,
    authChecker: ({ context }: { context: TestContext }) => context.user === 'admin',
  });
}

describe('@Idempotent()', () => {
  let server: TestServer;
  const headers = { 'idempotency-key': 'k1' };

  beforeEach(async () => {
    calls = [];
    server = await startServer(schemaOf());
  });
  afterEach(() => server.stop());

  it('replays class instances, unions, interfaces, getters and methods (G2)', async () => {
    const query = `mutation {
      pay(amount: 1) {
        id createdAt summary isCard
        method { __typename ... on Card { id last4 masked } }
        named { __typename id ... on Bank { iban } }
      }
    }`;
    const first = await server.post(query, { headers });
    const second = await server.post(query, { headers });
    expect(first.body.errors).toBeUndefined();
    expect(second.body.data).toEqual(first.body.data);
    expect(second.body.data?.['pay']).toMatchObject({
      isCard: true,
      method: { __typename: 'Card', masked: '**** 4242 kept by the class' },
      named: { __typename: 'Bank' },
    });
    expect(calls).toEqual(['1 k1 1']);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
  });

  it('sits inside guards: who may not call the mutation gets no replay (G16)', async () => {
    const query = 'mutation { guarded { __typename } }';
    const admin = await server.post(query, { headers, user: 'admin' });
    expect(admin.body.data).toEqual({ guarded: { __typename: 'Card' } });
    const stranger = await server.post(query, { headers, user: 'bob' });
    expect(stranger.body.data).toBeNull();
    expect(codes(stranger)).not.toContain(undefined);
    const anonymous = await server.post(query, { headers, user: null });
    expect(anonymous.body.data).toBeNull();
    expect(anonymous.body.extensions).toBeUndefined();
    expect(calls).toEqual(['guarded']);
  });

  it('replays entities whose constructors need arguments, without calling them (G13)', async () => {
    const query = 'mutation { row { id label } }';
    const first = await server.post(query, { headers });
    expect(first.body.data).toEqual({ row: { id: '7', label: 'row 7' } });
    const second = await server.post('mutation { row { label again: id } }', { headers });
    expect(second.body.data).toEqual({ row: { label: 'row 7', again: '7' } });
    expect(second.body.extensions?.idempotency?.['row']).toMatchObject({ kept: 'value' });
    expect(calls).toEqual(['row']);
  });

  it('takes a recover function, and refuses to start with anything else in its place', async () => {
    const schema = schemaOf();
    const field = schema.getMutationType()?.getFields()['row'];
    if (field === undefined) throw new Error('no field');
    field.extensions = { ...field.extensions, graphqlIdempotency: { recover: 'RERUN' } };
    await expect(startServer(schema)).rejects.toThrow('Mutation.row: recover must be a function.');
  });

  it('requires a key by its own policy', async () => {
    expect(codes(await server.post('mutation { pay(amount: 1) { id } }'))).toEqual([
      'IDEMPOTENCY_KEY_REQUIRED',
    ]);
    await server.post('mutation { guarded { __typename } }', { user: 'admin' });
    await server.post('mutation { guarded { __typename } }', { user: 'admin' });
    expect(calls).toEqual(['guarded', 'guarded']);
  });

  it('prints definition and uses of the directive', () => {
    const sdl = printSchemaWithDirectives(lexicographicSortSchema(schemaOf()));
    expect(sdl).toContain('directive @idempotent(');
    expect(sdl).toContain(
      'pay(amount: Int!): Payment! @idempotent(ttlSeconds: 60, onCrash: RERUN)',
    );
    expect(sdl).toContain('guarded: Method! @idempotent(required: false)');
    expect(sdl).toContain('enum IdempotentOnCrash');
  });

  it('refuses options out of range where they are written', () => {
    expect(() => Idempotent({ waitMs: -1 })).toThrow(
      'waitMs must be a whole number from 0 to 300000, not -1.',
    );
  });
});
