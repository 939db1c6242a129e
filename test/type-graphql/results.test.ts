import 'reflect-metadata';
import { specifiedDirectives } from 'graphql';
import {
  buildSchemaSync,
  createUnionType,
  Field,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  UseMiddleware,
  type MiddlewareFn,
} from 'type-graphql';
import { idempotentDirective } from '../../src/index.js';
import { Idempotent } from '../../src/type-graphql/index.js';
import { codes, startServer } from '../graphql/apollo.js';
import { sendTwice } from '../graphql/twice.js';

let rows = 0;
let pending = 0;
let commits = 0;
let calls: string[] = [];

/** A transaction whose first commit fails. */
const transaction: MiddlewareFn = async (_, next) => {
  const result: unknown = await next();
  commits += 1;
  const inserted = pending;
  pending = 0;
  if (commits === 1) throw new Error('could not serialize access');
  rows += inserted;
  return result;
};

@ObjectType()
class Account {
  @Field(() => ID)
  id!: string;

  @Field(() => Int, { nullable: true })
  balance? = 0;

  @Field(() => String, { nullable: true })
  note? = 'none';

  @Field(() => String)
  get label(): string {
    calls.push('label');
    return `account ${this.id}`;
  }
}

@ObjectType()
class Vault {
  @Field(() => ID)
  id!: string;

  readonly #secret = 'held by the class';

  @Field(() => String)
  hint(): string {
    calls.push('hint');
    return this.#secret.slice(0, 4);
  }
}

const Place = createUnionType({ name: 'Place', types: () => [Account, Vault] as const });

@Resolver()
class AccountResolver {
  @Query(() => String)
  ping(): string {
    return 'pong';
  }

  @Mutation(() => Account)
  @Idempotent()
  open(): Account {
    pending += 1;
    return Object.assign(new Account(), { id: 'a1' });
  }

  @Mutation(() => Account)
  @UseMiddleware(transaction)
  @Idempotent()
  guarded(): Account {
    pending += 1;
    return Object.assign(new Account(), { id: 'a2' });
  }

  @Mutation(() => Account)
  @Idempotent()
  partial(): Account {
    const account = Object.assign(new Account(), { id: 'a3', balance: 7 });
    delete account.note;
    return account;
  }

  @Mutation(() => [Place])
  @Idempotent()
  places(): (Account | Vault)[] {
    return [Object.assign(new Account(), { id: 'a4' }), Object.assign(new Vault(), { id: 'v1' })];
  }
}

const schemaOf = (globalMiddlewares: MiddlewareFn[] = []) =>
  buildSchemaSync({
    resolvers: [AccountResolver],
    directives: [...specifiedDirectives, idempotentDirective],
    validate: false,
    globalMiddlewares,
  });

beforeEach(() => {
  [rows, pending, commits] = [0, 0, 0];
  calls = [];
});

describe('results of TypeGraphQL resolvers (G2, G28)', () => {
  it.each([
    ['a global middleware', 'open', [transaction]],
    ['a middleware above @Idempotent', 'guarded', []],
  ])('are stored after the commit of %s', async (_, field, middlewares) => {
    const server = await startServer(schemaOf(middlewares));
    const headers = { 'idempotency-key': 'k1' };
    const query = `mutation { ${field} { id label } }`;
    expect(codes(await server.post(query, { headers }))).toEqual(['INTERNAL_SERVER_ERROR']);
    expect(rows).toBe(0);
    const second = await server.post(query, { headers });
    const third = await server.post(query, { headers });
    expect(third.body.data).toEqual(second.body.data);
    expect(third.body.extensions?.idempotency?.[field]).toMatchObject({
      status: 'replayed',
      kept: 'value',
    });
    expect(rows).toBe(1);
    await server.stop();
  });

  it('come back without what was deleted, whatever an initialiser says', async () => {
    const { first, second, kept } = await sendTwice(
      schemaOf(),
      'mutation { partial { id balance note } }',
    );
    expect(first.body.data).toEqual({ partial: { id: 'a3', balance: 7, note: null } });
    expect(second.body.data).toEqual(first.body.data);
    expect(kept).toEqual({ partial: 'value' });
  });

  it('come back without what was redacted', async () => {
    const { second } = await sendTwice(schemaOf(), 'mutation { partial { id balance note } }', {
      plugin: { redact: ({ name }) => name === 'balance' || name === 'note' },
    });
    expect(second.body.data).toEqual({ partial: { id: 'a3', balance: null, note: null } });
  });

  it('are kept as a response where a class holds state that nobody sees', async () => {
    const query =
      'mutation { places { __typename ... on Account { id label } ... on Vault { hint } } }';
    let before = 0;
    const { first, second, kept } = await sendTwice(schemaOf(), query, {
      between: () => {
        before = calls.length;
      },
    });
    expect(first.body.data).toMatchObject({ places: [{ label: 'account a4' }, { hint: 'held' }] });
    expect(second.body.data).toEqual(first.body.data);
    expect(kept).toEqual({ places: 'response' });
    expect(calls).toHaveLength(before);
  });
});
