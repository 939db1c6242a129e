import type { ApolloServerPlugin } from '@apollo/server';
import type { GraphQLSchema } from 'graphql';
import { applyIdempotency, idempotencyPlugin } from '../../../src/index.js';
import { RedisStore } from '../../../src/stores/redis/index.js';
import { variantClient } from '../variants.js';
import { addCommits } from './commits.js';
import type { WorkerConfig } from './config.js';
import { faultyStore } from './faulty-store.js';
import type { ProviderClient } from './provider-client.js';
import { connectRedis } from './redis-client.js';
import { createSchema, recoverFrom, type WorkerContext } from './schema.js';
import { tell } from './tell.js';
import { bookedResolver, connectDatabase } from './transactions.js';

/** The schema and plugins that make the mutations of a worker idempotent. */
export interface Protection {
  readonly schema: GraphQLSchema;
  readonly plugins: readonly ApolloServerPlugin<WorkerContext>[];
  close(): Promise<void>;
}

/** The plugin and the store of this package, with faults around the store's calls. */
export function protectWithPlugin(
  config: WorkerConfig,
  provider: ProviderClient,
  blockMs: number,
): Protection {
  const { databasePort, variant, replicas, drainTimeoutMs } = config;
  const { leaseMs, waitMs, storeTimeoutMs, ttlSeconds } = config;
  const redis = connectRedis(config.redis);
  const store = new RedisStore(variantClient(redis, config), {
    service: 'worker',
    ...(replicas !== undefined && { replicas }),
  });
  const plugin = idempotencyPlugin<WorkerContext>({
    store: faultyStore(store, { blockMs, note: (kind, line) => provider.note(kind, line) }),
    scope: variant === 'scope-left-out' ? 'global' : ({ scope }) => scope,
    recover: { 'Mutation.recovered': recoverFrom(provider) },
    leaseMs,
    waitMs,
    storeTimeoutMs,
    ttlSeconds,
    ...(drainTimeoutMs !== undefined && { drainTimeoutMs }),
    onEvent({ type }) {
      if (type === 'claimLost' || type === 'stale') void tell({ type: 'event', name: type });
    },
  });
  const stepsByOrder = variant === 'steps-by-order';
  const opened =
    databasePort === undefined ? undefined : connectDatabase(databasePort, config, blockMs);
  const booked = bookedResolver(opened?.database, blockMs);
  const schema = applyIdempotency(createSchema({ provider, booked, blockMs, stepsByOrder }));
  // With the bug, what stands around the resolver when the server starts is the resolver alone.
  const isLate = variant === 'stored-before-commit';
  if (!isLate) addCommits(schema, provider, blockMs);
  return {
    schema,
    plugins: isLate ? [plugin, lateCommits(provider, blockMs)] : [plugin],
    async close() {
      redis.disconnect();
      await opened?.close();
    },
  };
}

/** Puts commits around a schema that the plugin before it has prepared already. */
function lateCommits(provider: ProviderClient, blockMs: number): ApolloServerPlugin<WorkerContext> {
  return {
    serverWillStart: () =>
      Promise.resolve({
        schemaDidLoadOrUpdate({ apiSchema }) {
          addCommits(apiSchema, provider, blockMs);
        },
      }),
  };
}
