import 'reflect-metadata';
import { specifiedDirectives } from 'graphql';
import { buildSchemaSync, Field, ID, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import { idempotentDirective, type Execution } from '../../src/index.js';
import { CurrentExecution, Idempotent } from '../../src/type-graphql/index.js';
import { codes, startServer } from '../graphql/apollo.js';

@ObjectType()
class Charge {
  @Field(() => ID)
  id!: string;

  @Field(() => Date)
  at!: Date;

  label(): string {
    return `charge ${this.id}`;
  }
}

let attempts: number;
let ran: string[];
let recalled: unknown[];

@Resolver()
class ChargeResolver {
  @Query(() => String)
  ping(): string {
    return 'pong';
  }

  @Mutation(() => Charge)
  @Idempotent()
  async charge(@CurrentExecution() { step, attempt }: Execution): Promise<Charge> {
    attempts += 1;
    const made = await step('charge', () => {
      ran.push('charge');
      return Object.assign(new Charge(), { id: 'c1', at: new Date(0) });
    });
    const receipt = await step('receipt', () => {
      ran.push('receipt');
      return Promise.resolve({ bytes: new Uint8Array([1, 2]), big: 7n });
    });
    recalled.push(made.label(), receipt.bytes, receipt.big);
    if (attempt === 1) throw new Error('The database is away.');
    return made;
  }

  @Mutation(() => Boolean)
  @Idempotent()
  async clumsy(@CurrentExecution() { step }: Execution): Promise<boolean> {
    await step('same', () => 1);
    await step('same', () => 2);
    return true;
  }
}

describe('steps of a mutation (G23)', () => {
  beforeEach(() => {
    attempts = 0;
    ran = [];
    recalled = [];
  });

  const schema = buildSchemaSync({
    resolvers: [ChargeResolver],
    directives: [...specifiedDirectives, idempotentDirective],
    validate: false,
  });

  it('are recalled by a retry as they were, instances of object types included', async () => {
    const server = await startServer(schema);
    const headers = { 'idempotency-key': 'k1' };
    const send = () => server.post('mutation { charge { id at } }', { headers });
    expect((await send()).body.errors?.[0]?.message).toBe('The database is away.');
    const retry = await send();
    expect(retry.body.data).toEqual({ charge: { id: 'c1', at: '1970-01-01T00:00:00.000Z' } });
    expect(retry.body.extensions?.idempotency).toMatchObject({ charge: { attempt: 2 } });
    expect(ran).toEqual(['charge', 'receipt']);
    const expected = ['charge c1', new Uint8Array([1, 2]), 7n];
    expect(recalled).toEqual([...expected, ...expected]);
    expect((await send()).body.data).toEqual(retry.body.data);
    expect(attempts).toBe(2);
    await server.stop();
  });

  it('say what is wrong when a name is used twice', async () => {
    const server = await startServer(schema);
    const headers = { 'idempotency-key': 'k1' };
    const response = await server.post('mutation { clumsy }', { headers });
    expect(codes(response)).toEqual(['INTERNAL_SERVER_ERROR']);
    expect(response.body.errors?.[0]?.message).toContain('the name "same" was already used');
    await server.stop();
  });
});
