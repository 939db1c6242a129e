import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import type { GraphQLSchema } from 'graphql';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { idempotencyPlugin, MemoryStore, type IdempotencyStore } from '../../src/index.js';
import { RedisStore } from '../../src/stores/redis/index.js';
import type { Ready, Request, ServerConfig, Usage } from './config.js';
import { release } from './held.js';
import { effectsSoFar } from './ledger.js';
import { openProtection } from './protection.js';
import { buildSchema } from './schema.js';
import { buildTypeGraphQLSchema } from './type-graphql-schema.js';
import { SERVICE } from '../service.js';

interface Context {
  readonly userId: string;
}

/** One server of the benchmark: the same Apollo Server for every contender. */
async function main(config: ServerConfig): Promise<void> {
  const plugin = await pluginOf(config);
  const server = new ApolloServer<Context>({
    schema: await schemaOf(config, plugin !== undefined),
    plugins: plugin === undefined ? [] : [plugin],
  });
  const context = (): Promise<Context> => Promise.resolve({ userId: 'payer_7' });
  const { url } = await startStandaloneServer(server, { context, listen: { port: 0 } });
  // Whoever started it is gone.
  process.on('disconnect', () => process.exit());
  process.on('message', (request: Request) => {
    if (request === 'release') {
      release();
      return;
    }
    const { user, system } = process.cpuUsage();
    tell({ effects: effectsSoFar(), cpuUs: user + system });
  });
  tell({ port: Number(new URL(url).port) });
}

async function pluginOf(config: ServerConfig): Promise<ApolloServerPlugin<Context> | undefined> {
  const store = await storeOf(config);
  if (store === undefined) return undefined;
  return idempotencyPlugin({ store, scope: (context: Context) => context.userId });
}

async function storeOf({
  contender,
  redisPort,
}: ServerConfig): Promise<IdempotencyStore | undefined> {
  switch (contender) {
    case 'redis':
    case 'type-graphql':
      return new RedisStore(new Redis(redisPort, '127.0.0.1'), { service: SERVICE });
    case 'node-redis': {
      const client = createClient({ socket: { host: '127.0.0.1', port: redisPort } });
      client.on('error', console.error);
      await client.connect();
      return new RedisStore(client, { service: SERVICE });
    }
    case 'memory':
      return new MemoryStore({ entriesMax: 10_000_000 });
    default:
      return undefined;
  }
}

async function schemaOf(config: ServerConfig, marked: boolean): Promise<GraphQLSchema> {
  if (config.contender.startsWith('type-graphql')) return buildTypeGraphQLSchema(marked);
  return buildSchema(marked, await openProtection(config));
}

function tell(message: Ready | Usage): void {
  process.send?.(message);
}

main(JSON.parse(process.argv[2] ?? '') as ServerConfig).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
  process.disconnect();
});
