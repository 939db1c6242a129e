import { Redis } from 'ioredis';

import { freePort, startRedis, type RedisServer } from './redis-server.js';

/** A Redis Cluster of three masters. */
export interface RedisCluster {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly servers: readonly RedisServer[];
  stop(): Promise<void>;
}

const RANGES = [
  [0, 5460],
  [5461, 10922],
  [10923, 16383],
] as const;
const FORM_MS_MAX = 15_000;

/** Starts a cluster and waits until all of its nodes serve all slots. */
export async function startCluster(): Promise<RedisCluster> {
  const members = await Promise.all(
    RANGES.map(async () => {
      const busPort = await freePort();
      const args = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort)];
      args.push('--cluster-node-timeout', '2000');
      return { busPort, server: await startRedis({ args }) };
    }),
  );
  const servers = members.map(({ server }) => server);
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  const clients = servers.map(({ port }) => new Redis(port, '127.0.0.1'));
  try {
    for (const [index, client] of clients.entries()) {
      client.on('error', () => undefined);
      const [from, to] = RANGES[index] ?? [0, 0];
      await client.call('cluster', 'set-config-epoch', String(index + 1));
      await client.call('cluster', 'addslotsrange', String(from), String(to));
    }
    for (const { server, busPort } of members) {
      const address = ['127.0.0.1', String(server.port), String(busPort)];
      await clients[0]?.call('cluster', 'meet', ...address);
    }
    await formed(clients);
  } catch (error) {
    await stop();
    throw error;
  } finally {
    for (const client of clients) client.disconnect();
  }
  return { nodes: servers.map(({ port }) => ({ host: '127.0.0.1', port })), servers, stop };
}

async function formed(clients: readonly Redis[]): Promise<void> {
  const giveUpAt = Date.now() + FORM_MS_MAX;
  while (Date.now() < giveUpAt) {
    const infos = await Promise.all(clients.map((client) => client.cluster('INFO')));
    const complete = infos.map(String).every((info) => {
      return info.includes('cluster_state:ok') && info.includes('cluster_slots_ok:16384');
    });
    if (complete) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('The cluster did not form in time.');
}
