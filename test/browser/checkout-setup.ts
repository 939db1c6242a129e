import type { BrowserContextOptions } from 'playwright-core';
import { startBrowser, type TestBrowser } from '../support/browser.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { startServerProcess, type ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';
import { openCheckout, type CheckoutPage } from './checkout-page.js';

/** A browser, a payments server and a Redis for the tests of one `describe`. */
export interface CheckoutSetup {
  readonly redis: RedisServer;
  readonly server: ServerProcess;
  /** The reference of this test's payments; no other test uses it. */
  readonly reference: string;
  /** Opens the page, its form filled with the reference. */
  open(options?: BrowserContextOptions): Promise<CheckoutPage>;
  /** Presses Pay and waits until the server is at work: it has claimed the key. */
  begin(checkout: CheckoutPage): Promise<void>;
  /** Errors that this test is about. Every other one in a console fails it. */
  expectProblems(about: RegExp): void;
}

/**
 * Sets one up. After each test its pages are closed and the store is back. The pages have asked
 * nobody but the server, and nothing has gone wrong in them.
 */
export function setUpCheckout(env: Readonly<Record<string, string>> = {}): CheckoutSetup {
  let browser: TestBrowser;
  let redis: RedisServer;
  let server: ServerProcess;
  let pages: CheckoutPage[] = [];
  let expected: RegExp | undefined;
  let tests = 0;

  beforeAll(async () => {
    [redis, browser] = await Promise.all([startRedis(), startBrowser()]);
    server = await startServerProcess({ REDIS_URL: redis.url, ...env });
  });
  afterAll(async () => {
    await browser.close();
    await server.end('SIGKILL');
    await redis.stop();
  });
  beforeEach(() => {
    tests += 1;
    pages = [];
    expected = undefined;
  });
  afterEach(async () => {
    await fetch(`${server.url}checkout/store`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: new URL(server.url).origin },
      body: JSON.stringify({ away: false }),
    });
    for (const { visit } of pages) {
      const { outside } = visit;
      const problems = visit.problems.filter((problem) => expected?.test(problem) !== true);
      await visit.close();
      expect({ outside, problems }).toEqual({ outside: [], problems: [] });
    }
  });

  const referenceNow = (): string => `Order ${String(tests)}`;
  return {
    get redis() {
      return redis;
    },
    get server() {
      return server;
    },
    get reference() {
      return referenceNow();
    },
    async open(options) {
      const checkout = await openCheckout(browser, server, options);
      pages.push(checkout);
      await checkout.reference.fill(referenceNow());
      return checkout;
    },
    async begin({ pay }) {
      const records = async (): Promise<number> => Number(await redis.call('DBSIZE'));
      const before = await records();
      await pay.click();
      await until(async () => (await records()) > before);
    },
    expectProblems(about) {
      expected = about;
    },
  };
}
