import { ApolloClient, ApolloLink, gql, InMemoryCache, type DocumentNode } from '@apollo/client';
import { of } from 'rxjs';
import { IdempotencyLink } from '../../src/client/apollo/index.js';
import type { IdempotentField, IdempotentOperations } from '../../src/client/index.js';
import { startHttpServer, type HttpServer } from '../graphql/http.js';
import { createApolloClient } from './apollo-client.js';
import { createBank, documents, operations } from './bank.js';

describe('The key of an operation', () => {
  /** The operation at the end of the chain. */
  async function placed(
    map: IdempotentOperations,
    query: DocumentNode,
    variables: Record<string, unknown>,
    context: Record<string, unknown> = {},
  ): Promise<{ variables: Record<string, unknown>; headers: unknown }> {
    let seen: ApolloLink.Operation | undefined;
    const link = ApolloLink.from([
      new IdempotencyLink({ operations: map, generateKey: () => 'made' }),
      new ApolloLink((operation) => {
        seen = operation;
        return of({ data: {} });
      }),
    ]);
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    await new Promise<void>((resolve, reject) => {
      ApolloLink.execute(link, { query, variables, context }, { client }).subscribe({
        complete: resolve,
        error: reject,
      });
    });
    return { variables: seen?.variables ?? {}, headers: seen?.getContext()['headers'] };
  }

  const inputOperation = gql`
    mutation Refund($input: RefundInput) {
      refund(input: $input) {
        id
      }
    }
  `;

  it('is not the one that the caller gave to a further selection of a mutation', async () => {
    const { variables } = await placed(operations, documents.payTwice, { second: 'mine' });
    expect(variables).toEqual({ first: 'made', second: 'mine' });
  });

  it('is the one that the caller gave to the first selection', async () => {
    const { variables } = await placed(operations, documents.payTwice, { first: 'mine' });
    expect(variables).toEqual({ first: 'mine', second: 'mine.two' });
  });

  it.each([[{}], [{ input: null }], [{ input: undefined }], [{ input: [] }]])(
    'travels in the header where its place is missing: %j',
    async (given) => {
      const { variables, headers } = await placed(operations, inputOperation, given);
      expect([variables, headers]).toEqual([given, { 'idempotency-key': 'made' }]);
    },
  );

  it.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf'])(
    'can be in a variable named %s',
    async (name) => {
      const map = (operation: string, field: string, path: string): IdempotentOperations => {
        const how: IdempotentField = { mutation: `Mutation.${field}`, key: [path] };
        return { [operation]: { idempotent: true, fields: { [field]: how } } };
      };
      const { variables } = await placed(map('Pay', 'pay', name), documents.pay, { amount: 1 });
      expect(variables).toEqual({ amount: 1, [name]: 'made' });
      const nested = map('Refund', 'refund', `input.${name}`);
      const second = await placed(nested, inputOperation, { input: { amount: 1 } });
      expect(second.variables).toEqual({ input: { amount: 1, [name]: 'made' } });
    },
  );

  it.each(['constructor', 'toString', '__proto__'])(
    'is not given to an operation named %s that is not listed',
    async (name) => {
      const query = gql(`mutation ${name} { pay }`);
      expect(await placed(operations, query, {})).toEqual({ variables: {}, headers: undefined });
    },
  );

  it('stands beside what an input of a class of its own would send', async () => {
    class Input {
      readonly #amount = 7;
      note = 'hidden';
      toJSON(): object {
        return { amount: this.#amount };
      }
    }
    const input = new Input();
    const { variables } = await placed(operations, inputOperation, { input });
    expect(JSON.parse(JSON.stringify(variables))).toEqual({
      input: { amount: 7, idempotencyKey: 'made' },
    });
    const given = { input: { toJSON: () => ({ amount: 7, idempotencyKey: 'mine' }) } };
    const second = await placed(operations, inputOperation, given);
    expect(JSON.parse(JSON.stringify(second.variables))).toEqual({
      input: { amount: 7, idempotencyKey: 'mine' },
    });
  });

  it('leaves dates and files in an input as they are', async () => {
    const file = new File(['x'], 'x.txt');
    const at = new Date(0);
    const given = Object.freeze({ input: Object.freeze({ at, file, list: [1] }) });
    const context = Object.freeze({ headers: Object.freeze({ 'x-trace': 't' }) });
    const { variables } = await placed(operations, inputOperation, given, context);
    expect((variables['input'] as { file: File }).file).toBe(file);
    expect((variables['input'] as { at: Date }).at).toBe(at);
    expect(given.input).not.toHaveProperty('idempotencyKey');
    expect(context).toEqual({ headers: { 'x-trace': 't' } });
  });

  describe('at a server', () => {
    let bank: ReturnType<typeof createBank>;
    let server: HttpServer;

    beforeEach(async () => {
      bank = createBank();
      server = await startHttpServer(bank.schema);
    });
    afterEach(() => server.stop());

    it('is another one for each call, also where calls share their context', async () => {
      const link = new IdempotencyLink({ operations });
      const context = { headers: { 'x-trace': 't' } };
      const call = { mutation: documents.book, variables: { amount: 1 }, context };
      for (const { client } of [1, 2].map(() => createApolloClient(server.port, [link, link]))) {
        await client.mutate(call);
        await client.mutate(call);
      }
      expect(bank.effects).toHaveLength(4);
      expect(context).toEqual({ headers: { 'x-trace': 't' } });
    });
  });
});
