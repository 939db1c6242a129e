import { Cluster as ValkeyCluster, Redis as Valkey } from 'iovalkey';
import * as nodeRedis from 'redis';
import * as nodeRedis5 from 'redis-5';

import { quietly } from '../../src/core/async/quietly.js';
import type { RedisLike } from '../../src/stores/redis/index.js';

/** A client of an application's own, of any kind and version. */
export type ApplicationClient = RedisLike & {
  on(event: 'error', listener: () => void): unknown;
} & ({ disconnect(): unknown } | { destroy(): unknown });

/** Ends a client at once. */
export function endClient(client: ApplicationClient): void {
  quietly(
    () => ('destroy' in client ? client.destroy() : 'disconnect' in client && client.disconnect()),
    undefined,
  );
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** A user of Redis, in the options of every client. */
export interface RedisUser {
  readonly username: string;
  readonly password: string;
}

/** A way to connect clients that the suites over ioredis do not have; as Redis's default user, or as another. */
export interface OtherClient {
  readonly name: string;
  server(port: number, user?: RedisUser): Promise<ApplicationClient>;
  cluster(nodes: readonly Address[], user?: RedisUser): Promise<ApplicationClient>;
}

/** A client of node-redis also knows sentinels. */
export interface NodeRedisClient extends OtherClient {
  sentinel(
    sentinels: readonly Address[],
    name: string,
    user?: RedisUser,
  ): Promise<ApplicationClient>;
}

/** In a hurry to connect again: only the engine's deadlines count. */
const socket = { reconnectStrategy: () => 1 };
const QUICK_VALKEY = { retryStrategy: () => 1, maxRetriesPerRequest: null, disconnectTimeout: 10 };

/** Connects a client before it is used: its errors are the test's to cause. */
async function connected<C extends ApplicationClient & { connect(): Promise<unknown> }>(
  client: C,
): Promise<C> {
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

export const nodeRedis6Client: NodeRedisClient = {
  name: 'node-redis 6',
  server: (port, user) =>
    connected(nodeRedis.createClient({ ...user, socket: { ...socket, port } })),
  cluster: (nodes, user) =>
    connected(
      nodeRedis.createCluster({ rootNodes: nodes.map(rootNode), defaults: { ...user, socket } }),
    ),
  sentinel: (sentinels, name, user) =>
    connected(
      nodeRedis.createSentinel({
        name,
        sentinelRootNodes: [...sentinels],
        nodeClientOptions: { ...user, socket },
      }),
    ),
};

export const nodeRedis5Client: NodeRedisClient = {
  name: 'node-redis 5',
  server: (port, user) =>
    connected(nodeRedis5.createClient({ ...user, socket: { ...socket, port } })),
  cluster: (nodes, user) =>
    connected(
      nodeRedis5.createCluster({ rootNodes: nodes.map(rootNode), defaults: { ...user, socket } }),
    ),
  sentinel: (sentinels, name, user) =>
    connected(
      nodeRedis5.createSentinel({
        name,
        sentinelRootNodes: [...sentinels],
        nodeClientOptions: { ...user, socket },
      }),
    ),
};

const iovalkeyClient: OtherClient = {
  name: 'iovalkey',
  server: (port, user) =>
    Promise.resolve(new Valkey(port, '127.0.0.1', { ...QUICK_VALKEY, ...user })),
  cluster: (nodes, user) =>
    Promise.resolve(new ValkeyCluster([...nodes], { redisOptions: { ...QUICK_VALKEY, ...user } })),
};

function rootNode({ host, port }: Address): { readonly url: string } {
  return { url: `redis://${host}:${String(port)}` };
}

export const nodeRedisClients: readonly NodeRedisClient[] = [nodeRedis6Client, nodeRedis5Client];

/** The clients that a store takes beside ioredis. */
export const otherClients: readonly OtherClient[] = [...nodeRedisClients, iovalkeyClient];
