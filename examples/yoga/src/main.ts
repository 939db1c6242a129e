import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { useIdempotency } from 'graphql-idempotency/yoga';
import { createYoga } from 'graphql-yoga';
import { Ledger } from './ledger.js';
import { createPaymentsSchema, type Context } from './schema.js';
import { openStore } from './store.js';

const { store, disconnect } = openStore();
const yoga = createYoga<object, Context>({
  schema: createPaymentsSchema(new Ledger()),
  context: ({ request }) => ({ user: request.headers.get('authorization') ?? '' }),
  plugins: [useIdempotency<Context>({ store, scope: ({ user }) => user })],
});

// What createYoga returns is a request listener, but its type says that it gives a promise.
const server = createServer((request, response) => void yoga(request, response));
server.listen(Number(process.env['PORT'] ?? 4000));
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
console.log(`ready at http://localhost:${String(port)}/graphql`);

process.once('SIGTERM', () => {
  server.close();
  void (async () => {
    await yoga.dispose();
    await disconnect();
  })();
});
