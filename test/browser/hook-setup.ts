import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { createBank } from '../client/bank.js';
import { startHttpServer, type HttpServer } from '../graphql/http.js';
import { startBrowser, type TestBrowser, type Visit } from '../support/browser.js';
import { otherVersions } from '../support/other-versions.js';
import type { HookPage, ProbeOptions, ProbeState } from './hook-page.js';

interface HookWindow {
  readonly hookPage: HookPage;
}

/** A page with a hook in a real browser, and the bank that it talks to; new ones for each test. */
export interface HookSetup {
  readonly page: Page;
  readonly bank: ReturnType<typeof createBank>;
  /** Runs in the page. It must not use anything from around it. */
  readonly on: <T>(act: (hookPage: HookPage) => T | Promise<T>) => Promise<T>;
  /** Renders a component for each name. */
  readonly render: (probes: Record<string, ProbeOptions>) => Promise<void>;
  /** The state of the component `pay`. */
  readonly state: () => Promise<ProbeState | undefined>;
  /** Calls it with the amount 5. */
  readonly pay: () => Promise<unknown>;
  /** The number of different keys that were sent. */
  readonly keyCount: () => Promise<number>;
  /** Makes the next request fail in the network, before it reaches the server. */
  readonly cutNext: () => Promise<unknown>;
}

/**
 * Sets one up for the tests of a `describe`. A page that warns, or that leaves a rejection unhandled,
 * fails its test.
 *
 * @param entry - the page's program, in this folder
 * @param packages - those that it runs with instead of the installed ones: `react@18.3.1`
 */
export function setUpHook(entry: string, packages: readonly string[]): HookSetup {
  let browser: TestBrowser;
  let pages: Server;
  let bank: ReturnType<typeof createBank>;
  let server: HttpServer;
  let visit: Visit;

  beforeAll(async () => {
    const [started, script] = await Promise.all([startBrowser(), bundle(entry, packages)]);
    browser = started;
    const html = '<!doctype html><link rel="icon" href="data:,"><div id="root"></div>';
    pages = createServer(({ url }, response) => {
      const isScript = url === '/script.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? script : `${html}<script type="module" src="/script.js"></script>`);
    }).listen(0, '127.0.0.1');
    await once(pages, 'listening');
  });
  afterAll(async () => {
    pages.close();
    pages.closeAllConnections();
    await browser.close();
  });
  beforeEach(async () => {
    bank = createBank();
    server = await startHttpServer(bank.schema, { waitMs: 0 });
    const { port } = pages.address() as AddressInfo;
    const bankUrl = `http://127.0.0.1:${String(server.port)}/`;
    visit = await browser.visit(`http://127.0.0.1:${String(port)}/#${bankUrl}`);
  });
  afterEach(async () => {
    const { problems } = visit;
    await visit.close();
    bank.open();
    await server.stop();
    // Connections that a test has cut are reported.
    const own = problems.filter((problem) => !problem.includes('net::ERR_FAILED'));
    if (own.length > 0) throw new Error(own.join('\n'));
  });

  const on: HookSetup['on'] = (act) =>
    visit.page.evaluate(`(${act.toString()})(globalThis.hookPage)`);
  return {
    get page() {
      return visit.page;
    },
    get bank() {
      return bank;
    },
    on,
    async render(probes) {
      await visit.page.waitForFunction('globalThis.hookPage !== undefined');
      await visit.page.evaluate(
        (wanted) => (globalThis as unknown as HookWindow).hookPage.render(wanted),
        probes,
      );
    },
    state: () => on((hookPage) => hookPage.state('pay')),
    pay: () => on((hookPage) => hookPage.call('pay', 5)),
    keyCount: async () => new Set(await on((hookPage) => hookPage.keys())).size,
    cutNext: () =>
      visit.page.route(
        (url) => url.port === String(server.port),
        (route) => route.abort('failed'),
        { times: 1 },
      ),
  };
}

async function bundle(entry: string, packages: readonly string[]): Promise<string> {
  const folder = packages.length === 0 ? '' : await otherVersions(packages);
  const names = packages.map((name) => name.slice(0, name.lastIndexOf('@')));
  const { outputFiles } = await build({
    entryPoints: [join(__dirname, entry)],
    bundle: true,
    write: false,
    format: 'esm',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"development"' },
    alias: Object.fromEntries(names.map((name) => [name, join(folder, name)])),
  });
  return outputFiles[0]?.text ?? '';
}
