import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { idempotencyPlugin } from 'graphql-idempotency';
import { Ledger } from './ledger.js';
import { createSchema, type Context } from './schema.js';
import { openStore } from './store.js';

const { store, disconnect } = openStore();
const server = new ApolloServer<Context>({
  schema: createSchema(new Ledger()),
  plugins: [idempotencyPlugin<Context>({ store, scope: ({ user }) => user })],
  stopOnTerminationSignals: false,
});
const { url } = await startStandaloneServer(server, {
  listen: { port: Number(process.env['PORT'] ?? 4000) },
  context: ({ req }) => Promise.resolve({ user: req.headers.authorization ?? '' }),
});
console.log(`ready at ${url}`);

process.once('SIGTERM', () => void server.stop().then(disconnect));
