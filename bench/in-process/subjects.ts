import { ApolloServer, HeaderMap, type ApolloServerPlugin } from '@apollo/server';
import { randomUUID } from 'node:crypto';
import { idempotencyPlugin, idempotentTypeDefs, MemoryStore } from '../../src/index.js';
import type { SubjectName } from '../results.js';
import { InProcessFloor } from './floor.js';
import { createNullStore } from './null-store.js';

/** The context of a request. */
export interface Payer {
  readonly user: string;
  key?: string | undefined;
  report?: object;
}

interface PayArguments {
  readonly input: { readonly amount: number; readonly currency: string; readonly to: string };
}

/** The resolver that all of them run. */
export type PayResolver = (source: unknown, args: PayArguments, context: Payer) => Promise<object>;

/** Something whose requests are measured. */
export interface Subject {
  readonly name: SubjectName;
  /** Sends one request. @throws Error if its answer is not what it should be */
  readonly send: () => Promise<void>;
}

const TYPES = `
  type Query { payment: Payment! }
  input PayInput { amount: Int! currency: String! to: ID! }
  type Payment { id: ID! amount: Int! currency: String! status: String! createdAt: String! memo: String }
`;
const SELECTION = '{ id amount currency status createdAt }';
const VARIABLES = { input: { amount: 1_200, currency: 'EUR', to: 'acct_1' } };

const pay: PayResolver = (_source, { input }) =>
  Promise.resolve({
    id: randomUUID(),
    amount: input.amount,
    currency: input.currency,
    status: 'SUCCEEDED',
    createdAt: new Date().toISOString(),
    memo: 'x'.repeat(100),
  });

/** Starts a server for each, in this process. */
export async function startSubjects(): Promise<readonly Subject[]> {
  const scope = ({ user }: Payer): string => user;
  const floor = new InProcessFloor();
  const none = await startServer(pay, []);
  const held = await startServer(floor.around(pay), [floor.plugin]);
  const onNull = await startServer(pay, [idempotencyPlugin({ store: createNullStore(), scope })]);
  const store = new MemoryStore({ entriesMax: 10_000_000 });
  const inMemory = await startServer(pay, [idempotencyPlugin({ store, scope })]);
  return [
    { name: 'query, no plugin', send: () => query(none) },
    { name: 'query, plugin', send: () => query(onNull) },
    { name: 'unmarked, no plugin', send: () => mutate(none, 'plain') },
    { name: 'unmarked, plugin', send: () => mutate(onNull, 'plain') },
    { name: 'marked, null store', send: () => mutate(onNull, 'pay') },
    { name: 'marked, memory store', send: () => mutate(inMemory, 'pay') },
    { name: 'floor, unmarked', send: () => mutate(held, 'plain') },
    { name: 'floor, marked', send: () => mutate(held, 'pay') },
  ];
}

async function startServer(
  resolve: PayResolver,
  plugins: ApolloServerPlugin<Payer>[],
): Promise<ApolloServer<Payer>> {
  const server = new ApolloServer<Payer>({
    typeDefs: [
      idempotentTypeDefs,
      TYPES,
      `type Mutation { pay(input: PayInput!): Payment! @idempotent plain(input: PayInput!): Payment! }`,
    ],
    resolvers: {
      Query: {
        payment: (source: unknown, _: object, context: Payer) => pay(source, VARIABLES, context),
      },
      Mutation: { pay: resolve, plain: pay },
    },
    plugins,
  });
  await server.start();
  return server;
}

let keys = 0;

function query(server: ApolloServer<Payer>): Promise<void> {
  return send(server, `query { payment ${SELECTION} }`, {});
}

function mutate(server: ApolloServer<Payer>, field: 'pay' | 'plain'): Promise<void> {
  const document = `mutation Pay($input: PayInput!) { ${field}(input: $input) ${SELECTION} }`;
  return send(server, document, VARIABLES);
}

async function send(
  server: ApolloServer<Payer>,
  document: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<void> {
  const headers = new HeaderMap();
  headers.set('idempotency-key', `order-${String((keys += 1))}`);
  const { body } = await server.executeOperation(
    { query: document, variables, http: { method: 'POST', headers, search: '', body: {} } },
    { contextValue: { user: 'payer_7' } },
  );
  if (body.kind !== 'single' || body.singleResult.errors !== undefined) {
    throw new Error(`A request failed: ${JSON.stringify(body)}`);
  }
}
