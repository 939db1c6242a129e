import { MapperKind, mapSchema } from '@graphql-tools/utils';
import { addResolversToSchema } from '@graphql-tools/schema';
import {
  defaultFieldResolver,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';
import { applyIdempotency } from '../../src/index.js';
import { idempotencyOf } from '../../src/index.js';
import { codes, sdl, startServer, type TestServer } from './apollo.js';

type Resolver = GraphQLFieldResolver<unknown, unknown, Record<string, unknown>>;
type Around = (next: () => unknown, ...parts: Parameters<Resolver>) => unknown;

const TYPES = `
  type Query { ping: String }
  type Row { id: Int! method: String }
  type Mutation { pay: Row @idempotent other: Row @idempotent(onError: SEAL) }`;

/** A schema with idempotency, and a transformer around it, as transactions and guards are put there. */
function around(resolvers: object, wrap: Around): GraphQLSchema {
  const all = { pay: () => null, other: () => null, ...resolvers };
  return mapSchema(applyIdempotency(sdl(TYPES, { Mutation: all })), {
    [MapperKind.MUTATION_ROOT_FIELD]: (config) => {
      const { resolve = defaultFieldResolver } = config;
      const resolver: Resolver = (...parts) => wrap(() => resolve(...parts), ...parts);
      return { ...config, resolve: resolver as never };
    },
  });
}

/** The table that resolvers insert into, and what a transaction around them has not committed yet. */
class Table {
  rows: number[] = [];
  pending: number[] = [];
  commits = 0;

  insert(): { id: number } {
    const id = this.rows.length + this.pending.length + 1;
    this.pending.push(id);
    return { id };
  }

  /** Commits what was inserted; fails at these commits, and then nothing of it is there. */
  commit(...failing: number[]): void {
    this.commits += 1;
    const fails = failing.includes(this.commits);
    if (!fails) this.rows.push(...this.pending);
    this.pending = [];
    if (fails) throw new Error('could not serialize access');
  }
}

describe('what stands around a resolver (G28)', () => {
  let server: TestServer;
  let table: Table;
  const headers = { 'idempotency-key': 'k1' };
  const send = (query = 'mutation { pay { id } }') => server.post(query, { headers });

  beforeEach(() => {
    table = new Table();
  });
  afterEach(() => server.stop());

  class Instance {
    constructor(readonly id: number) {}
    method(): string {
      return 'm';
    }
  }

  it.each([
    ['plain rows', (id: number): object => ({ id })],
    ['instances', (id: number): object => new Instance(id)],
  ])(
    'commits before the outcome is stored: a failed commit is not replayed, with %s',
    async (_, of) => {
      const schema = around({ pay: () => of(table.insert().id) }, async (next) => {
        const row = await next();
        table.commit(1);
        return row;
      });
      server = await startServer(schema);
      const first = await send();
      expect(codes(first)).toEqual(['INTERNAL_SERVER_ERROR']);
      expect(table.rows).toEqual([]);
      const second = await send();
      expect(second.body.data).toEqual({ pay: { id: 1 } });
      expect(second.body.extensions?.idempotency?.['pay']).toMatchObject({ status: 'executed' });
      const third = await send();
      expect(third.body.data).toEqual({ pay: { id: 1 } });
      expect(third.body.extensions?.idempotency?.['pay']).toMatchObject({ status: 'replayed' });
      expect(table.rows).toEqual([1]);
    },
  );

  it('seals a failed commit where the mutation says so', async () => {
    const schema = around({ other: () => table.insert() }, async (next) => {
      await next();
      table.commit(1, 2);
    });
    server = await startServer(schema);
    const query = 'mutation { other { id } }';
    await send(query);
    expect(codes(await send(query))).toEqual(['IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED']);
    expect(table.commits).toBe(1);
  });

  it('may try again: another run under the same claim, one outcome', async () => {
    const attempts: unknown[] = [];
    const schema = around(
      {
        pay: async (_: unknown, __: unknown, ___: unknown, info: never) => {
          const execution = idempotencyOf(info);
          attempts.push(execution?.attempt);
          await execution?.step('quote', () => attempts.push('quoted'));
          return table.insert();
        },
      },
      async (next) => {
        for (;;) {
          const row = await next();
          try {
            table.commit(1, 2);
            return row;
          } catch {
            // As after a serialization failure.
          }
        }
      },
    );
    server = await startServer(schema);
    expect((await send()).body.data).toEqual({ pay: { id: 1 } });
    expect((await send()).body.data).toEqual({ pay: { id: 1 } });
    expect(attempts).toEqual([1, 'quoted', 1, 1]);
    expect(table.rows).toEqual([1]);
    expect(server.events.map(({ type }) => type)).toEqual(['claimed', 'executed', 'replayed']);
  });

  it('may call the resolver twice at once, and it runs once', async () => {
    const schema = around({ pay: () => table.insert() }, async (next) => {
      const [row] = await Promise.all([next(), next()]);
      table.commit();
      return row;
    });
    server = await startServer(schema);
    await send();
    expect(table.rows).toEqual([1]);
  });

  it('may give up waiting for the resolver: its outcome is kept, and its answer comes with the retry', async () => {
    let finish: (row: object) => void = () => undefined;
    const running = new Promise<object>((resolve) => (finish = resolve));
    let patience = 0;
    const schema = around({ pay: () => running }, async (next) => {
      const row = next() as Promise<unknown>;
      row.catch(() => undefined);
      if (patience === 3) return row;
      // Before the claim, and while the resolver runs.
      for (let turn = 0; turn < patience * 50; turn += 1) await Promise.resolve();
      throw new Error('Too slow.');
    });
    server = await startServer(schema);
    for (patience of [0, 1, 2]) {
      expect((await send()).body.errors?.[0]?.message).toBe('Too slow.');
    }
    patience = 3;
    const retry = send();
    finish({ id: 7 });
    expect((await retry).body.data).toEqual({ pay: { id: 7 } });
    expect((await send()).body.extensions?.idempotency?.['pay']).toMatchObject({
      status: 'replayed',
      attempt: 1,
    });
    expect(server.events.filter(({ type }) => type === 'claimed')).toHaveLength(1);
    expect(server.events.filter(({ type }) => type === 'executed')).toHaveLength(1);
  });

  it('keeps an error that it makes, and does not make it twice of a replay', async () => {
    const schema = around(
      {
        pay: () => {
          table.insert();
          throw new GraphQLError('no funds', { extensions: { code: 'NO_FUNDS' } });
        },
      },
      async (next) => {
        try {
          return await next();
        } catch (error) {
          const { message } = error as Error;
          throw new GraphQLError(`mapped ${message}`, { extensions: { code: 'MAPPED' } });
        }
      },
    );
    server = await startServer(schema);
    const [first, second] = [await send(), await send()];
    expect(first.body.errors).toMatchObject([{ message: 'mapped no funds', path: ['pay'] }]);
    expect(second.body.errors).toEqual(first.body.errors);
    expect(table.pending).toEqual([1]);
  });

  it('may refuse after the resolver has run: that is a failure', async () => {
    let runs = 0;
    const schema = around(
      {
        pay: () => {
          runs += 1;
          return { id: runs };
        },
      },
      async (next) => {
        await next();
        throw new GraphQLError('Forbidden.', { extensions: { code: 'FORBIDDEN' } });
      },
    );
    server = await startServer(schema);
    expect(codes(await send())).toEqual(['FORBIDDEN']);
    expect(codes(await send())).toEqual(['FORBIDDEN']);
    expect(server.events.filter(({ type }) => type === 'released')).toMatchObject([
      { declined: false },
      { declined: false },
    ]);
    expect(runs).toBe(2);
  });

  it('still refuses a replay of a response', async () => {
    let isBanned = false;
    const schema = around({ pay: () => new Instance(1) }, async (next) => {
      const row = await next();
      if (isBanned) throw new GraphQLError('Forbidden.', { extensions: { code: 'FORBIDDEN' } });
      return row;
    });
    server = await startServer(schema);
    const query = 'mutation { pay { method } }';
    expect((await send(query)).body.data).toEqual({ pay: { method: 'm' } });
    isBanned = true;
    expect(codes(await send(query))).toEqual(['FORBIDDEN']);
  });

  it('ends the record whatever is thrown: an error that cannot be looked at is not run again (G14)', async () => {
    let runs = 0;
    const hostile = new Proxy(new GraphQLError('no'), {
      get(target, name) {
        if (name === 'extensions') throw new Error('Do not look.');
        return Reflect.get(target, name) as unknown;
      },
    });
    const pay = (): never => {
      runs += 1;
      throw hostile;
    };
    server = await startServer(sdl(TYPES, { Mutation: { pay, other: pay } }));
    expect((await send()).body.errors).toHaveLength(1);
    expect(codes(await send())).toEqual(['IDEMPOTENCY_RESULT_UNAVAILABLE']);
    expect(runs).toBe(1);
  });

  it('may copy what it passes on', async () => {
    const schema = around({ pay: () => new Instance(1) }, async (next) => {
      const row = (await next()) as Instance;
      return Object.assign(Object.create(Instance.prototype) as object, row);
    });
    server = await startServer(schema);
    const query = 'mutation { pay { id method } }';
    const [first, second] = [await send(query), await send(query)];
    expect(first.body.data).toEqual({ pay: { id: 1, method: 'm' } });
    expect(second.body.data).toEqual(first.body.data);
  });

  it('changes a recorded value as it had changed the first', async () => {
    const schema = around({ pay: () => ({ id: 1 }) }, async (next) => {
      const row = (await next()) as { id: number };
      return { id: row.id + 100 };
    });
    server = await startServer(schema);
    expect((await send()).body.data).toEqual({ pay: { id: 101 } });
    expect((await send()).body.data).toEqual({ pay: { id: 101 } });
  });
});

describe('what changes an end in place (G2)', () => {
  const headers = { 'idempotency-key': 'k1' };

  it.each([
    ['a value', () => ({ id: 1, method: 'm' })],
    [
      'an error',
      () => {
        throw new GraphQLError('no funds', { extensions: { code: 'NO_FUNDS' } });
      },
    ],
  ])('changes %s of a record once, as it had changed the first', async (_, pay) => {
    const schema = around({ pay }, async (next) => {
      try {
        const row = (await next()) as { method: string };
        row.method = `Row:${row.method}`;
        return row;
      } catch (error) {
        (error as Error).message = `Row: ${(error as Error).message}`;
        throw error;
      }
    });
    const server = await startServer(schema);
    const query = 'mutation { pay { id method } }';
    const first = await server.post(query, { headers });
    const second = await server.post(query, { headers });
    expect(JSON.stringify(first.body)).toMatch(/"Row:(m| no funds)"/);
    expect(second.body.data).toEqual(first.body.data);
    expect(second.body.errors).toEqual(first.body.errors);
    const report = { status: 'replayed', kept: 'response' };
    expect(second.body.extensions?.idempotency?.['pay']).toMatchObject(report);
    await server.stop();
  });

  it('may complete a value, as a commit that gives a row its id', async () => {
    const added: { id?: number }[] = [];
    const pay = (): object => {
      const row = {};
      added.push(row);
      return row;
    };
    const schema = around({ pay }, async (next) => {
      const row = await next();
      for (const [index, each] of added.splice(0).entries()) each.id = index + 1;
      return row;
    });
    const server = await startServer(schema);
    const first = await server.post('mutation { pay { id } }', { headers });
    const second = await server.post('mutation { pay { id } }', { headers });
    expect(first.body.data).toEqual({ pay: { id: 1 } });
    expect(second.body.data).toEqual(first.body.data);
    await server.stop();
  });
});

describe('what makes a value of an error', () => {
  const headers = { 'idempotency-key': 'k1' };

  it.each(['pay', 'other'])('gives it to the client of %s; a failure stays one', async (name) => {
    let runs = 0;
    const fail = (): never => {
      runs += 1;
      throw new Error('secret');
    };
    const schema = around({ pay: fail, other: fail }, async (next) => {
      try {
        return await next();
      } catch (error) {
        if (error instanceof GraphQLError) throw error;
        return { id: 0, method: 'failed' };
      }
    });
    const server = await startServer(schema);
    const query = `mutation { ${name} { method } }`;
    const first = await server.post(query, { headers });
    expect(first.body).toEqual({ data: { [name]: { method: 'failed' } } });
    const second = await server.post(query, { headers });
    const isSealed = name === 'other';
    expect(codes(second)).toEqual(isSealed ? ['IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED'] : []);
    expect(runs).toBe(isSealed ? 1 : 2);
    await server.stop();
  });
});

describe('what passes a copy of the context value on', () => {
  it('does not hide the record from the resolver', async () => {
    let runs = 0;
    const resolvers = { pay: () => ({ id: ++runs }), other: () => null };
    const schema = mapSchema(applyIdempotency(sdl(TYPES, { Mutation: resolvers })), {
      [MapperKind.MUTATION_ROOT_FIELD]: (config) => {
        const { resolve = defaultFieldResolver } = config;
        const resolver: Resolver = (source, args, context, info) =>
          resolve(source, args, { ...(context as object), locale: 'en' }, { ...info });
        return { ...config, resolve: resolver as never };
      },
    });
    const server = await startServer(schema);
    for (let sent = 0; sent < 2; sent += 1) {
      const headers = { 'idempotency-key': 'k1' };
      const { body } = await server.post('mutation { pay { id } }', { headers });
      expect(body.data).toEqual({ pay: { id: 1 } });
    }
    expect(runs).toBe(1);
    await server.stop();
  });
});

describe('a mark whose resolver does not ask for the record (G29)', () => {
  it('is refused at start where its resolver came later', async () => {
    let runs = 0;
    const schema = addResolversToSchema({
      schema: applyIdempotency(sdl(TYPES, {})),
      resolvers: { Mutation: { pay: () => ({ id: ++runs }) } },
    });
    await expect(startServer(schema)).rejects.toThrow(
      'Mutation.pay: it had no resolver when applyIdempotency was called',
    );
    expect(runs).toBe(0);
  });

  it.each([
    ['answered as before', (resolve: Resolver | undefined) => resolve, { pay: null }],
    [
      'refused where it was replaced',
      (): Resolver => () => ({ id: 2 }),
      expect.stringContaining('may have run without protection') as unknown,
    ],
  ])('is %s by a second server that gets the schema', async (_, replace, answer) => {
    const schema = sdl(TYPES, {});
    const headers = { 'idempotency-key': 'k1' };
    const answers: unknown[] = [];
    for (let servers = 0; servers < 2; servers += 1) {
      const server = await startServer(schema);
      const { body } = await server.post('mutation { pay { id } }', { headers });
      answers.push(body.errors?.[0]?.message ?? body.data);
      await server.stop();
      const field = schema.getMutationType()?.getFields()['pay'];
      if (field !== undefined) field.resolve = replace(field.resolve as Resolver) as never;
    }
    expect(answers).toEqual([{ pay: null }, answer]);
  });

  it('is an error to the client, and an event, where it was replaced', async () => {
    const schema = mapSchema(
      applyIdempotency(sdl(TYPES, { Mutation: { pay: () => ({ id: 1 }), other: () => null } })),
      {
        [MapperKind.MUTATION_ROOT_FIELD]: (config) => ({ ...config, resolve: () => ({ id: 2 }) }),
      },
    );
    const server = await startServer(schema);
    const headers = { 'idempotency-key': 'k1' };
    for (let sent = 0; sent < 2; sent += 1) {
      const response = await server.post('mutation { pay { id } }', { headers });
      expect(response.body.data).toEqual({ pay: null });
      expect(response.body.errors?.[0]?.message).toContain('may have run without protection');
    }
    expect(server.events).toEqual([
      { type: 'unprotected', operation: 'Mutation.pay' },
      { type: 'unprotected', operation: 'Mutation.pay' },
    ]);
    await server.stop();
  });

  it('keeps the error of a guard that turned the request down', async () => {
    const schema = around({ pay: () => ({ id: 1 }) }, () => {
      throw new GraphQLError('Forbidden.', { extensions: { code: 'FORBIDDEN' } });
    });
    const server = await startServer(schema);
    expect(codes(await server.post('mutation { pay { id } }'))).toEqual(['FORBIDDEN']);
    expect(server.events).toEqual([]);
    await server.stop();
  });
});
