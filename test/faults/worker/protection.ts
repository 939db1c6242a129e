import type { ApolloServerPlugin } from '@apollo/server';
import type { GraphQLSchema } from 'graphql';
import { idempotencyPlugin } from '../../../src/index.js';
import { RedisStore } from '../../../src/stores/redis/index.js';
import { variantClient } from '../variants.js';
import type { WorkerConfig } from './config.js';
import { faultyStore } from './faulty-store.js';
import type { ProviderClient } from './provider-client.js';
import { connectRedis } from './redis-client.js';
import { createSchema, recoverFrom, type WorkerContext } from './schema.js';
import { tell } from './tell.js';

/** What makes the mutations of a worker idempotent. */
export interface Protection {
  readonly schema: GraphQLSchema;
  readonly plugins: readonly ApolloServerPlugin<WorkerContext>[];
  close(): Promise<void>;
}

/** The real thing: our plugin over our store, with faults around the store's calls. */
export function protectWithPlugin(
  config: WorkerConfig,
  provider: ProviderClient,
  blockMs: number,
): Protection {
  const { variant, replicas, leaseMs, waitMs, storeTimeoutMs, ttlSeconds } = config;
  const redis = connectRedis(config.redis);
  const store = new RedisStore(variantClient(redis, config), {
    service: 'worker',
    ...(replicas !== undefined && { replicas }),
  });
  const plugin = idempotencyPlugin<WorkerContext>({
    store: faultyStore(store, { blockMs, onRecorded: (line) => provider.recorded(line) }),
    scope: variant === 'scope-left-out' ? 'global' : ({ scope }) => scope,
    recover: { 'Mutation.recovered': recoverFrom(provider) },
    leaseMs,
    waitMs,
    storeTimeoutMs,
    ttlSeconds,
    onEvent({ type }) {
      if (type === 'claimLost' || type === 'stale') void tell({ type: 'event', name: type });
    },
  });
  return {
    schema: createSchema({ provider, blockMs, stepsByOrder: variant === 'steps-by-order' }),
    plugins: [plugin],
    close() {
      redis.disconnect();
      return Promise.resolve();
    },
  };
}
