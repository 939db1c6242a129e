import type { ServerConfig } from '../../src/server/config.js';
import { createLog } from '../../src/server/log.js';
import { startPaymentsServer, type PaymentsServer } from '../../src/server/payments-server.js';
import { createClient, type Client } from '../client/client.js';

/** A payments server within the test's own process. */
export interface TestPaymentsServer extends PaymentsServer {
  readonly lines: readonly string[];
  as(caller: string | undefined): Client;
}

/** Starts one on a free port, with a ledger in memory. */
export async function startPayments(
  config: Partial<ServerConfig> = {},
): Promise<TestPaymentsServer> {
  const lines: string[] = [];
  const server = await startPaymentsServer(
    {
      port: 0,
      redisUrls: [],
      databaseUrl: undefined,
      databaseFile: ':memory:',
      processorLatencyMs: 0,
      requestTimeoutMs: 30_000,
      checkoutSwitches: true,
      metrics: true,
      logFormat: 'text',
      logLevel: 'info',
      idempotency: { ttlSeconds: undefined, waitMs: undefined, leaseMs: undefined },
      ...config,
    },
    createLog({ format: 'text', level: 'info', write: (line) => lines.push(line) }),
  );
  return { ...server, lines, as: (caller) => createClient(server.url, caller) };
}

/** A payment of alice's to bob. */
export const ORDER = {
  from: 'acct_alice_eur',
  to: 'acct_bob_eur',
  amount: 1_250,
  currency: 'EUR',
} as const;

/** An `Idempotency-Key` header. */
export function keyHeader(key: string): { 'idempotency-key': string } {
  return { 'idempotency-key': key };
}
