import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { idempotencyPlugin } from '../../../src/index.js';
import { RedisStore } from '../../../src/stores/redis/index.js';
import { variantClient } from '../variants.js';
import type { DriverMessage, WorkerConfig } from './config.js';
import { faultyStore } from './faulty-store.js';
import { createWorkerHttp } from './http.js';
import { reach } from './instructions.js';
import { createProviderClient } from './provider-client.js';
import { connectRedis } from './redis-client.js';
import { createSchema, recoverFrom, type WorkerContext } from './schema.js';
import { tell } from './tell.js';

/** How long after a clean stop the process may still be there, in milliseconds. */
const EXIT_MS_MAX = 3_000;
/** Exit code of a process that was kept alive by something that had been left open. */
const LEFT_OPEN = 70;

/** The process under test: an Apollo Server with the plugin over Redis. */
async function main(config: WorkerConfig): Promise<void> {
  const blockMs = 2 * config.leaseMs + 200;
  const { leaseMs, waitMs, storeTimeoutMs, ttlSeconds } = config;
  const redis = connectRedis(config.redis);
  const provider = createProviderClient(config.providerSocket);
  const store = new RedisStore(variantClient(redis, config), replicasOf(config));
  const http = createWorkerHttp();
  const apollo = new ApolloServer<WorkerContext>({
    schema: createSchema({ provider, blockMs, stepsByOrder: config.variant === 'steps-by-order' }),
    plugins: [
      ApolloServerPluginDrainHttpServer({ httpServer: http.server }),
      idempotencyPlugin<WorkerContext>({
        store: faultyStore(store, { blockMs, onRecorded: (line) => provider.recorded(line) }),
        scope: config.variant === 'scope-left-out' ? 'global' : ({ scope }) => scope,
        recover: { 'Mutation.recovered': recoverFrom(provider) },
        leaseMs,
        waitMs,
        storeTimeoutMs,
        ttlSeconds,
        onEvent: ({ type }) => {
          if (type === 'claimLost' || type === 'superseded') {
            void tell({ type: 'event', name: type });
          }
        },
      }),
      {
        requestDidStart: () =>
          Promise.resolve({ willSendResponse: () => reach('before-response', blockMs) }),
      },
    ],
    stopOnTerminationSignals: false,
  });
  await apollo.start();
  const port = await http.serve(apollo);

  process.on('unhandledRejection', (reason) => {
    void tell({ type: 'unhandled', reason: String(reason) });
  });
  process.on('message', (message: DriverMessage) => {
    message satisfies 'memory';
    globalThis.gc?.();
    void tell({ type: 'memory', heapBytes: process.memoryUsage().heapUsed });
  });
  process.once('SIGTERM', () => {
    void stop();
  });

  /** Everything is closed and nothing calls `process.exit`: what is left open keeps us alive. */
  async function stop(): Promise<void> {
    process.off('disconnect', orphaned);
    await apollo.stop();
    redis.disconnect();
    provider.close();
    process.disconnect();
    setTimeout(() => {
      process.stderr.write(`left open: ${process.getActiveResourcesInfo().join(', ')}\n`);
      process.exit(LEFT_OPEN);
    }, EXIT_MS_MAX).unref();
  }

  await tell({ type: 'ready', port });
}

function replicasOf({ replicas }: WorkerConfig): { replicas?: number | 'all' } {
  return replicas === undefined ? {} : { replicas };
}

/** The driver has ended: nobody is left to work for. */
function orphaned(): void {
  process.exit(0);
}

process.on('disconnect', orphaned);
void main(JSON.parse(process.argv[2] ?? '') as WorkerConfig);
