import type { IdempotencyOptions } from '../../src/index.js';
import type { TestContext } from '../graphql/apollo.js';
import { startHttpServer, type HttpServer } from '../graphql/http.js';
import { ManualClock } from '../support/manual-clock.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { createBank } from './bank.js';

/** The bank of one test of a client. */
export interface BankSetting {
  readonly bank: ReturnType<typeof createBank>;
  /** In front of the bank's server, to lose requests and responses. */
  readonly proxy: TcpProxy;
  /** The client's. */
  readonly clock: ManualClock;
  /** The address of the proxy. */
  readonly url: string;
  /** Starts the bank's server; it stops after the test. */
  readonly start: (options?: Partial<IdempotencyOptions<TestContext>>) => Promise<void>;
}

/** A bank behind a connection that a test can disturb, another one for each test. */
export function useBank(): BankSetting {
  let bank: ReturnType<typeof createBank>;
  let clock: ManualClock;
  let server: HttpServer;
  let proxy: TcpProxy;
  beforeEach(() => {
    bank = createBank();
    clock = new ManualClock();
  });
  afterEach(async () => {
    bank.open();
    await proxy.close();
    await server.stop();
  });
  return {
    get bank() {
      return bank;
    },
    get proxy() {
      return proxy;
    },
    get clock() {
      return clock;
    },
    get url() {
      return `http://127.0.0.1:${String(proxy.port)}/`;
    },
    async start(options = {}) {
      server = await startHttpServer(bank.schema, options);
      proxy = await startTcpProxy(server.port);
    },
  };
}
