import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import type { DriverMessage, WorkerConfig } from './config.js';
import { createWorkerHttp } from './http.js';
import { reach } from './instructions.js';
import { protectWithPlugin, type Protection } from './protection.js';
import { createProviderClient, type ProviderClient } from './provider-client.js';
import { createYardstickSchema, type WorkerContext } from './schema.js';
import { tell } from './tell.js';
import { measureUsage } from './usage.js';
import { openYardstick } from './yardsticks.js';

/** The longest life of the process after a clean stop, in milliseconds. */
const EXIT_MS_MAX = 3_000;
/** Exit code of a process that was kept alive by something that had been left open. */
const LEFT_OPEN = 70;

/** The process under test: an Apollo Server with the plugin over Redis. */
async function main(config: WorkerConfig): Promise<void> {
  const usage = config.measuresUsage === true ? measureUsage() : undefined;
  const { drainTimeoutMs } = config;
  const blockMs = 2 * config.leaseMs + 200;
  const provider = createProviderClient(config.providerSocket);
  const protection = await protect(config, provider, blockMs);
  const http = createWorkerHttp();
  const apollo = new ApolloServer<WorkerContext>({
    schema: protection.schema,
    plugins: [
      ApolloServerPluginDrainHttpServer({
        httpServer: http.server,
        ...(drainTimeoutMs !== undefined && { stopGracePeriodMillis: drainTimeoutMs }),
      }),
      ...protection.plugins,
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
    message satisfies 'usage';
    if (usage !== undefined) void tell({ type: 'usage', ...usage() });
  });
  process.once('SIGTERM', () => {
    void stop();
  });

  /** Closes everything without calling `process.exit`: whatever is left open keeps the process alive. */
  async function stop(): Promise<void> {
    process.off('disconnect', orphaned);
    await apollo.stop();
    await protection.close();
    provider.close();
    process.disconnect();
    setTimeout(() => {
      process.stderr.write(`left open: ${process.getActiveResourcesInfo().join(', ')}\n`);
      process.exit(LEFT_OPEN);
    }, EXIT_MS_MAX).unref();
  }

  await tell({ type: 'ready', port });
}

async function protect(
  config: WorkerConfig,
  provider: ProviderClient,
  blockMs: number,
): Promise<Protection> {
  const { yardstick, redis } = config;
  if (yardstick === undefined) return protectWithPlugin(config, provider, blockMs);
  if (redis.kind !== 'standalone') throw new Error('Yardsticks know one Redis only.');
  const opened = await openYardstick(yardstick, redis.port, config);
  const schema = createYardstickSchema(provider, opened, blockMs);
  return { schema, plugins: [], close: () => opened.close() };
}

/** The driver has ended: nobody is left to work for. */
function orphaned(): void {
  process.exit(0);
}

process.on('disconnect', orphaned);
void main(JSON.parse(process.argv[2] ?? '') as WorkerConfig);
