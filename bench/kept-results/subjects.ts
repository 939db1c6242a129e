import { ApolloServer, HeaderMap } from '@apollo/server';
import { decodeValue, encodeValue } from '../../src/core/codec.js';
import { idempotencyPlugin, idempotentTypeDefs, MemoryStore } from '../../src/index.js';

/** Something that is measured: what it does once. */
export type Act = () => unknown;

/** A server whose mutations return a row, or an instance of a class with the same data. */
export interface ResultServer {
  readonly firstOfRow: Act;
  readonly firstOfInstance: Act;
  readonly replayOfRow: Act;
  readonly replayOfInstance: Act;
  readonly query: Act;
  readonly unmarked: Act;
}

const BYTES_MAX = 1_048_576;
/** So many fields a result has, as payments do. */
const ITEMS = 10;

interface Row {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly items: readonly { readonly sku: string; readonly price: number }[];
}

/** As ORMs give entities: what it is goes through accessors of its class. */
class Entity implements Row {
  readonly #row: Row;

  constructor(row: Row) {
    this.#row = row;
  }

  get id(): string {
    return this.#row.id;
  }

  get amount(): number {
    return this.#row.amount;
  }

  get currency(): string {
    return this.#row.currency;
  }

  get items(): Row['items'] {
    return this.#row.items;
  }
}

const TYPES = `
  type Item { sku: String! price: Int! }
  type Payment { id: ID! amount: Int! currency: String! items: [Item!]! }
  type Query { payment: Payment! }
  type Mutation {
    row: Payment! @idempotent
    instance: Payment! @idempotent
    unmarked: Payment!
  }`;
const SELECTION = '{ id amount currency items { sku price } }';

/** Starts a server in this process. Its replays are of records of their own. */
export async function startResultServer(): Promise<ResultServer> {
  const server = new ApolloServer<object>({
    typeDefs: [idempotentTypeDefs, TYPES],
    resolvers: {
      Query: { payment: rowOf },
      Mutation: { row: rowOf, instance: () => new Entity(rowOf()), unmarked: rowOf },
    },
    plugins: [
      idempotencyPlugin({ store: new MemoryStore({ entriesMax: 10_000_000 }), scope: 'global' }),
    ],
  });
  await server.start();
  let keys = 0;

  async function send(document: string, key: string): Promise<void> {
    const headers = new HeaderMap();
    headers.set('idempotency-key', key);
    const { body } = await server.executeOperation(
      { query: document, http: { method: 'POST', headers, search: '', body: {} } },
      { contextValue: {} },
    );
    if (body.kind !== 'single' || body.singleResult.errors !== undefined) {
      throw new Error(`A request failed: ${JSON.stringify(body)}`);
    }
  }

  const first = (field: string) => () => send(`mutation { ${field} ${SELECTION} }`, nextKey());
  const replay = (field: string) => () => send(`mutation { ${field} ${SELECTION} }`, 'replayed');
  const nextKey = (): string => `order-${String((keys += 1))}`;
  return {
    firstOfRow: first('row'),
    firstOfInstance: first('instance'),
    replayOfRow: replay('row'),
    replayOfInstance: replay('instance'),
    query: () => send(`query { payment ${SELECTION} }`, ''),
    unmarked: first('unmarked'),
  };
}

/** Writing and reading a plain result of about so many bytes, beside what JSON takes for the same. */
export function codecActs(
  bytes: number,
): Readonly<Record<'encode' | 'decode' | 'stringify' | 'parse', Act>> {
  const rows: Row[] = [];
  while (JSON.stringify(rows).length < bytes) rows.push(rowOf());
  const payload = encodeValue(rows, { bytesMax: BYTES_MAX });
  const text = JSON.stringify(rows);
  return {
    encode: () => encodeValue(rows, { bytesMax: BYTES_MAX }),
    decode: () => decodeValue(payload, NO_CLASSES),
    stringify: () => JSON.stringify(rows),
    parse: () => JSON.parse(text) as unknown,
  };
}

const NO_CLASSES = { createInstance: () => ({}), createTyped: () => ({}) };

let rows = 0;

function rowOf(): Row {
  rows += 1;
  const items = Array.from({ length: ITEMS }, (_, at) => ({ sku: `sku-${String(at)}`, price: at }));
  return { id: `p-${String(rows)}`, amount: rows, currency: 'EUR', items };
}
