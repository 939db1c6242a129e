import { chromium, type BrowserContextOptions, type Page } from 'playwright-core';
import { CHROMIUM, findProgram } from './find-program.js';
import { reap } from './reaper.js';
import { HANG_MS } from './hang-guard.js';

/** A Chromium of a test file's own. */
export interface TestBrowser {
  /** Opens a page in a context of its own: no other page's storage, no cache. */
  visit(url: string, options?: BrowserContextOptions): Promise<Visit>;
  /** Ends the browser and removes its files. */
  close(): Promise<void>;
}

/** A page, and what it did that it must not. */
export interface Visit {
  readonly page: Page;
  /**
   * The requests to other origins, which do not exist for this browser: it is offline. They do not
   * exist for this browser: it is offline.
   */
  readonly outside: readonly string[];
  /** Errors that it threw or that the console shows, violations of its security policy among them. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

const ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Whatever is not on this machine cannot be found, also where there is an internet.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
];

/** Starts a browser without a window. */
export async function startBrowser(): Promise<TestBrowser> {
  const server = await chromium.launchServer({
    executablePath: findProgram(CHROMIUM),
    headless: true,
    // Containers have no sandbox to give, and the pages are ours.
    chromiumSandbox: false,
    args: ARGUMENTS,
  });
  reap(server.process());
  const browser = await chromium.connect(server.wsEndpoint());
  return {
    async visit(url, options = {}) {
      const context = await browser.newContext(options);
      context.setDefaultTimeout(HANG_MS);
      const outside: string[] = [];
      const problems: string[] = [];
      context.on('request', (request) => {
        const address = new URL(request.url());
        if (address.origin !== new URL(url).origin && address.protocol !== 'data:') {
          outside.push(request.url());
        }
      });
      context.on('weberror', (webError) => problems.push(webError.error().message));
      context.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) problems.push(message.text());
      });
      const page = await context.newPage();
      await page.goto(url);
      return { page, outside, problems, close: () => context.close() };
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
