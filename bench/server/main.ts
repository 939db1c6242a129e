import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import type { GraphQLSchema } from 'graphql';
import { Redis } from 'ioredis';
import { idempotencyPlugin, MemoryStore } from '../../src/index.js';
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
  const plugin = pluginOf(config);
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

function pluginOf({ contender, redisPort }: ServerConfig): ApolloServerPlugin<Context> | undefined {
  const scope = (context: Context): string => context.userId;
  switch (contender) {
    case 'redis':
    case 'type-graphql': {
      const store = new RedisStore(new Redis(redisPort, '127.0.0.1'), { service: SERVICE });
      // No warnings: this Redis is there to be measured, not to keep anything.
      return idempotencyPlugin({ store, scope });
    }
    case 'memory':
      return idempotencyPlugin({ store: new MemoryStore({ entriesMax: 10_000_000 }), scope });
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
