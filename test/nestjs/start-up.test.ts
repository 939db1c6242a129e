import { createRequire } from 'node:module';
import { ApolloDriver, ApolloGatewayDriver } from '@nestjs/apollo';
import { Controller, Get, Module, UseGuards, type CanActivate, type Type } from '@nestjs/common';
import {
  Directive,
  GraphQLModule,
  GraphQLSchemaHost,
  Int,
  Mutation,
  ObjectType,
  Field,
  Query,
  ResolveField,
  Resolver,
  Subscription,
} from '@nestjs/graphql';
import { printSchema } from 'graphql';
import { idempotentDirective } from '../../src/index.js';
import { Idempotent, IdempotencyModule } from '../../src/nestjs/index.js';
import { endOf, idempotency, startNest, type NestParts } from './nest-app.js';

@Resolver()
class PayResolver {
  runs = 0;

  @Query(() => Int)
  one(): number {
    return 1;
  }

  @Mutation(() => Int)
  @Idempotent()
  pay(): number {
    this.runs += 1;
    return this.runs;
  }
}

async function refusal(parts: NestParts): Promise<string> {
  try {
    const { app } = await startNest(parts);
    await app.close();
    return 'It started.';
  } catch (error) {
    return String(error);
  }
}

describe('a Nest application', () => {
  it('does not start with the module imported twice', async () => {
    const modules = [idempotency(), idempotency()];
    expect(await refusal({ modules, providers: [PayResolver] })).toContain(
      'call forRoot or forRootAsync once, in the root module',
    );
  });

  it('links in its errors to the page that explains their codes', async () => {
    const parts = { idempotency: { documentationUrl: 'https://pay.example/errors' } };
    const { app, send } = await startNest({ ...parts, providers: [PayResolver] });
    const { errors } = await send('mutation { pay }');
    await app.close();
    expect(errors?.[0]?.extensions['documentationUrl']).toBe(
      'https://pay.example/errors#idempotency-key-required',
    );
  });

  it('starts with one module that two others import', async () => {
    const module = idempotency();
    class Other {}
    Module({ imports: [module] })(Other);
    const { app } = await startNest({ modules: [module, Other], providers: [PayResolver] });
    await app.close();
  });

  it('does not start with marked mutations and without the module', async () => {
    expect(await refusal({ modules: [], providers: [PayResolver] })).toContain(
      'PayResolver.pay: marked with @Idempotent(), but the application has no IdempotencyModule. Add ' +
        'IdempotencyModule.forRoot({ store, scope })',
    );
  });

  it('does not start with a mark on anything but a mutation', async () => {
    @ObjectType()
    class Row {
      @Field(() => Int)
      id!: number;
    }
    @Resolver(() => Row)
    class Misplaced {
      @Query(() => Row)
      @Idempotent()
      row(): Row {
        return { id: 1 };
      }

      @Idempotent()
      @Subscription(() => Int)
      rows(): AsyncIterable<number> {
        throw new Error('Nobody subscribes.');
      }

      @ResolveField(() => Int)
      @Idempotent()
      size(): number {
        return 1;
      }
    }
    @Controller()
    class Rest {
      @Get()
      @Idempotent()
      get(): number {
        return 1;
      }
    }
    const message = await refusal({ providers: [Misplaced], controllers: [Rest] });
    for (const [place, what] of [
      ['Misplaced.row', 'a @Query()'],
      ['Misplaced.rows', 'a @Subscription()'],
      ['Misplaced.size', 'no @Mutation()'],
      ['Rest.get', 'no @Mutation()'],
    ] as const) {
      expect(message).toContain(
        `${place} is marked with @Idempotent(), but it is ${what}: only mutations can be.`,
      );
    }
  });

  it('does not start with a mark in SDL whose method would be asked after the replay', async () => {
    @Resolver()
    class Marked {
      @Query(() => Int)
      two(): number {
        return 2;
      }

      @Mutation(() => Int)
      @Directive('@idempotent')
      refund(): number {
        return 1;
      }
    }
    expect(await refusal({ providers: [Marked] })).toContain(
      'Mutation.refund is marked @idempotent, but Marked.refund is not: a retry would be answered ' +
        'before its guards are asked. Write @Idempotent() on the method.',
    );
  });

  it('does not start with a mark in SDL that says something else than the decorator', async () => {
    @Resolver()
    class Twice {
      @Mutation(() => Int)
      @Idempotent({ ttlSeconds: 60 })
      pay(): number {
        return 1;
      }
    }
    const typeDefs = `type Query { one: Int } type Mutation { pay: Int @idempotent(ttlSeconds: 5) }`;
    const graphql = { autoSchemaFile: false, typeDefs } as const;
    expect(await refusal({ graphql, providers: [Twice] })).toContain(
      'Mutation.pay is marked @idempotent twice, with {"ttlSeconds":5} and with {"ttlSeconds":60}.',
    );
  });

  it('lists what is wrong with its options', async () => {
    const wrong = { store: undefined, scope: undefined, waitMs: -1 } as object;
    const message = await refusal({ idempotency: wrong, providers: [PayResolver] });
    expect(message).toContain('IdempotencyModule refuses to start');
    for (const part of ['store is missing', 'scope is missing', 'waitMs must be']) {
      expect(message).toContain(part);
    }
    const unclear = { storeHttpExceptions: 'yes' as unknown as boolean };
    expect(await refusal({ idempotency: unclear, providers: [PayResolver] })).toContain(
      'storeHttpExceptions must be true or false, not yes.',
    );
    expect(
      await refusal({
        modules: [IdempotencyModule.forRoot(undefined as never)],
        providers: [PayResolver],
      }),
    ).toContain('store is missing');
  });

  it('refuses options of a decorator where it stands', () => {
    expect(() => Idempotent({ ttlSeconds: 0 })).toThrow('@Idempotent: ttlSeconds must be');
    expect(() => {
      Idempotent()(class {}.prototype, 'value', undefined as never);
    }).toThrow('@Idempotent: value is not a method.');
  });

  it('does not start with a schema of Yoga that depends on the request', async () => {
    const { YogaDriver } = createRequire(__filename)('@graphql-yoga/nestjs') as {
      YogaDriver: Type;
    };
    const graphql = { driver: YogaDriver, conditionalSchema: () => undefined };
    expect(await refusal({ graphql: graphql as never, providers: [PayResolver] })).toContain(
      'IdempotencyModule refuses to start:\n  - a conditionalSchema of YogaDriver cannot be served',
    );
  });

  it('does not start a gateway, or with a driver that is not known', async () => {
    class OwnDriver {
      generateSchema = () => Promise.resolve(null);
    }
    const gateway = GraphQLModule.forRoot({ driver: ApolloGatewayDriver } as never);
    const own = GraphQLModule.forRoot({ driver: OwnDriver } as never);
    expect(await refusal({ imports: [gateway], providers: [PayResolver] })).toContain(
      'ApolloGatewayDriver runs no mutations: import the module into the subgraphs behind it.',
    );
    expect(await refusal({ imports: [own], providers: [PayResolver] })).toContain(
      'OwnDriver is not known',
    );
  });

  it.each([
    ['defines the directive', {}],
    ['takes the definition of the application', { directives: [idempotentDirective] }],
  ])('%s once, and prints it', async (_name, buildSchemaOptions) => {
    const { app } = await startNest({ graphql: { buildSchemaOptions }, providers: [PayResolver] });
    const sdl = printSchema(app.get(GraphQLSchemaHost, { strict: false }).schema);
    await app.close();
    expect(sdl.match(/directive @idempotent/g)).toHaveLength(1);
  });

  it('marks a schema that has no mark in its SDL', async () => {
    const typeDefs = `type Query { one: Int } type Mutation { pay: Int }`;
    const graphql = { autoSchemaFile: false, typeDefs } as const;
    const { app, send } = await startNest({ graphql, providers: [PayResolver] });
    const query = 'mutation { pay @idempotent(key: "k1") }';
    const answers = [await send(query), await send(query)];
    await app.close();
    expect(answers.map(({ data }) => data)).toEqual([{ pay: 1 }, { pay: 1 }]);
  });

  it('serves GraphQLModules that list their modules, each with its own mutations', async () => {
    class Guard implements CanActivate {
      canActivate = (): boolean => true;
    }
    @Resolver()
    class Unmarked {
      @Query(() => Int)
      two(): number {
        return 2;
      }

      @Mutation(() => Int)
      @UseGuards(Guard)
      pay(): number {
        return 7;
      }
    }
    class Marked {}
    Module({ providers: [PayResolver] })(Marked);
    class Others {}
    Module({ providers: [Unmarked] })(Others);
    const others = GraphQLModule.forRoot({
      driver: ApolloDriver,
      autoSchemaFile: true,
      playground: false,
      path: '/others',
      include: [Others],
    } as never);
    const { app, send } = await startNest({
      graphql: { include: [Marked] },
      imports: [Marked, Others, others],
    });
    const query = 'mutation { pay @idempotent(key: "k1") }';
    await send(query);
    const replayed = await send(query);
    const plain = await fetch(`${await app.getUrl()}/others`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'mutation { pay }' }),
    });
    const answer: unknown = await plain.json();
    await app.close();
    expect([endOf(replayed), answer]).toEqual(['replayed', { data: { pay: 7 } }]);
  });
});
