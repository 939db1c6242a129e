import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { createBank } from '../client/bank.js';
import { startHttpServer, type HttpServer } from '../graphql/http.js';
import { startBrowser, type TestBrowser, type Visit } from '../support/browser.js';
import { until } from '../support/until.js';
import type { OfflinePage } from './offline-page.js';

const LOST = 'TypeError: Failed to fetch';
const PAID = { pay: { id: 'pay-1' } };
/** The number of locks that the page holds or waits for. */
const LOCKS_IN_USE =
  'navigator.locks.query().then(({ held, pending }) => held.length + pending.length)';

describe('the offline queue, in a browser', () => {
  let browser: TestBrowser;
  let pages: Server;
  let bank: ReturnType<typeof createBank>;
  let server: HttpServer;
  let visit: Visit;

  beforeAll(async () => {
    const bundled = build({
      entryPoints: [join(__dirname, 'offline-page.ts')],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
    });
    const [started, { outputFiles }] = await Promise.all([startBrowser(), bundled]);
    browser = started;
    pages = createServer(({ url }, response) => {
      const isScript = url === '/script.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      const html =
        '<!doctype html><link rel="icon" href="data:,"><script src="/script.js"></script>';
      response.end(isScript ? outputFiles[0]?.text : html);
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
    server = await startHttpServer(bank.schema);
    const { port } = pages.address() as AddressInfo;
    const bankUrl = `http://127.0.0.1:${String(server.port)}/`;
    visit = await browser.visit(`http://127.0.0.1:${String(port)}/#${bankUrl}`);
    await on((page) => {
      page.open();
    });
  });
  afterEach(async () => {
    await visit.close();
    await server.stop();
  });

  /** Runs in the page. It must not use anything from around it. */
  function on<T>(act: (page: OfflinePage) => T | Promise<T>, page = visit.page): Promise<T> {
    return page.evaluate(`(${act.toString()})(globalThis.offlinePage)`);
  }

  /** The page is loaded anew, with the network that there is. */
  async function reload(): Promise<void> {
    await visit.page.reload();
    await on((page) => {
      page.open();
    });
  }

  const told = (): Promise<string[]> => on(({ told }) => told);

  /** Ends the connections to the bank, as if there were no network; the page can still be loaded. */
  async function cut(): Promise<void> {
    await visit.page.route(`http://127.0.0.1:${String(server.port)}/`, (route) =>
      route.abort('internetdisconnected'),
    );
  }
  const mend = (): Promise<void> => visit.page.unrouteAll();

  it('pays once when the network is away, the page is reloaded, and the network is back', async () => {
    await cut();
    expect(await on((page) => page.pay(5, 'k1'))).toBe(LOST);
    await reload();
    await on((page) => page.flush());
    expect(bank.effects).toEqual([]);
    await mend();
    await on((page) => {
      page.start();
    });
    await until(async () => (await told()).length === 1);
    expect((await told())[0]).toMatch(/^answered k1: .*"executed"/);
    expect(await on((page) => page.pay(5, 'k1'))).toEqual(PAID);
    await on((page) => page.flush());
    expect(bank.effects).toEqual(['pay 5']);
  });

  it('sends what is left when the browser says that it is online again', async () => {
    await on((page) => {
      page.start();
    });
    await visit.page.context().setOffline(true);
    expect(await on((page) => page.pay(5, 'k1'))).toBe(LOST);
    await visit.page.context().setOffline(false);
    await until(() => bank.effects.length === 1);
    await until(async () => (await told()).length === 1);
    expect(bank.effects).toEqual(['pay 5']);
  });

  describe('without a sign from the browser', () => {
    let attempts: number;

    beforeEach(async () => {
      attempts = 0;
      visit.page.on('request', (request) => {
        if (request.method() === 'POST') attempts += 1;
      });
      await cut();
      await on((page) => {
        page.start();
      });
      // A queue that is still looking for what was left would find this payment, too.
      await until(async () => (await visit.page.evaluate(LOCKS_IN_USE)) === 0);
      await on((page) => page.pay(5, 'k1'));
    });

    const timers = (): Promise<number[]> => on((page) => page.timers());

    /** Lets the time until the next attempt pass, and sees it fail. Returns that time. */
    async function failAgain(): Promise<number | undefined> {
      const [delayMs] = await timers();
      const before = attempts;
      await visit.page.evaluate(`offlinePage.wait(${String(Number(delayMs) - 1)})`);
      expect([await timers(), attempts]).toEqual([[1], before]);
      await on((page) => {
        page.wait(1);
      });
      await until(async () => (await timers()).length === 1);
      expect(attempts).toBe(before + 1);
      return delayMs;
    }

    it('tries again after 1 s, 2 s, and so on up to a minute, and after an answer from 1 s on', async () => {
      const delays: unknown[] = [];
      for (let retry = 0; retry < 8; retry += 1) delays.push(await failAgain());
      expect(delays).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1_000));
      await mend();
      await on((page) => {
        page.wait(60_000);
      });
      await until(async () => (await told()).length === 1);
      expect([await timers(), bank.effects]).toEqual([[], ['pay 5']]);
      await cut();
      await on((page) => page.pay(6, 'k2'));
      expect(await timers()).toEqual([1_000]);
    });

    it('tries again when the server has refused for now, and the caller gives up', async () => {
      await mend();
      await on((page) => {
        page.wait(60_000);
      });
      await until(async () => (await told()).length === 1);
      expect(await timers()).toEqual([]);
      await visit.page.route(`http://127.0.0.1:${String(server.port)}/`, (route) =>
        route.fulfill({
          headers: { 'access-control-allow-origin': '*' },
          json: {
            errors: [
              {
                message: 'Later.',
                extensions: { code: 'IDEMPOTENCY_STORE_UNAVAILABLE', retryable: true },
              },
            ],
          },
        }),
      );
      await on((page) => page.pay(6, 'k2'));
      expect(await timers()).toEqual([1_000]);
      await mend();
      await on((page) => {
        page.wait(1_000);
      });
      await until(async () => (await told()).length === 2);
      expect(bank.effects).toEqual(['pay 5', 'pay 6']);
    });

    it('does not try again when it was stopped', async () => {
      await on((page) => {
        page.stop();
      });
      expect(await timers()).toEqual([]);
      await on((page) => page.pay(6, 'k2'));
      expect(await timers()).toEqual([]);
    });
  });

  it('asks for the answer when the tab is gone before it, with the same key', async () => {
    bank.close('pay');
    const context = visit.page.context();
    const tab = await context.newPage();
    await tab.goto(visit.page.url());
    await on((page) => {
      page.open();
      void page.pay(5, 'k1');
    }, tab);
    await until(() => bank.effects.length === 1);
    await tab.close();
    bank.open();
    await on((page) => page.flush());
    expect((await told()).join()).toMatch(/^answered k1: .*"replayed"/);
    expect(bank.effects).toEqual(['pay 5']);
  });

  it('sends each once, the oldest first, from whichever of two tabs', async () => {
    const other = await visit.page.context().newPage();
    await other.goto(visit.page.url());
    await on((page) => {
      page.open();
    }, other);
    await cut();
    await on(async (page) => {
      await page.pay(1, 'k1');
      await page.pay(2, 'k2');
    });
    await mend();
    await Promise.all([on((page) => page.flush()), on((page) => page.flush(), other)]);
    await on((page) => page.flush());
    expect(bank.effects).toEqual(['pay 1', 'pay 2']);
  });

  it('drops what the server may have forgotten, and says so', async () => {
    await cut();
    await on((page) => page.pay(5, 'k1'));
    await mend();
    await on((page) => {
      page.wait(600_000);
      return page.flush();
    });
    expect([await told(), bank.effects]).toEqual([['dropped k1'], []]);
  });

  it('sends without the queue when it is full', async () => {
    await on((page) => {
      page.open({ entriesMax: 1 });
    });
    await cut();
    await on((page) => page.pay(5, 'k1'));
    await mend();
    expect(await on((page) => page.pay(6, 'k2'))).toEqual(PAID);
    expect([await told(), bank.effects]).toEqual([['full'], ['pay 6']]);
  });

  it('sends without the queue when the browser blocks the storage', async () => {
    await on((page) => {
      Object.defineProperty(globalThis, 'indexedDB', {
        get() {
          throw new DOMException('Blocked.', 'SecurityError');
        },
      });
      page.open();
    });
    expect(await on((page) => page.pay(5, 'k1'))).toEqual(PAID);
    expect(new Set(await told())).toEqual(new Set(['unavailable']));
  });

  it('removes what it cannot read, says so, and sends the others', async () => {
    await cut();
    await on((page) => page.pay(5, 'k1'));
    await mend();
    await visit.page.evaluate(`new Promise((done) => {
      const open = indexedDB.open('graphql-idempotency', 1);
      open.onsuccess = () => {
        const change = open.result.transaction('mutations', 'readwrite');
        change.objectStore('mutations').add({ id: 'damaged', body: 7 });
        change.oncomplete = () => (open.result.close(), done());
      };
    })`);
    await on((page) => page.flush());
    await on((page) => page.flush());
    expect((await told())[0]).toBe('damaged');
    expect(await told()).toHaveLength(2);
    expect(bank.effects).toEqual(['pay 5']);
  });

  it('does not send later what was aborted while its answer came', async () => {
    await on(async (page) => {
      const aborting = new AbortController();
      page.open({
        fetch: () => {
          aborting.abort();
          return Promise.resolve(new Response('', { status: 504 }));
        },
      });
      await page.pay(5, 'k1', aborting.signal);
      page.open();
      await page.flush();
    });
    expect(bank.effects).toEqual([]);
  });

  it('forgets everything when it is told to', async () => {
    await cut();
    await on((page) => page.pay(5, 'k1'));
    await mend();
    await on(async (page) => {
      await page.clear();
      await page.flush();
    });
    expect(bank.effects).toEqual([]);
  });

  it('sends nothing more when it is told to forget everything while it sends', async () => {
    await cut();
    await on(async (page) => {
      await page.pay(1, 'k1');
      await page.pay(2, 'k2');
    });
    await mend();
    bank.close('pay');
    await on((page) => {
      globalThis.flushed = page.flush();
    });
    await until(() => bank.effects.length === 1);
    await on((page) => page.clear());
    bank.open();
    await on(() => globalThis.flushed);
    expect(bank.effects).toEqual(['pay 1']);
  });

  it.each(['this tab', 'another tab'])(
    'sends nothing that was forgotten in %s while it asked for its headers',
    async (place) => {
      const context = visit.page.context();
      const other = place === 'this tab' ? visit.page : await context.newPage();
      if (other !== visit.page) {
        await other.goto(visit.page.url());
        await on((page) => {
          page.open();
        }, other);
      }
      await on((page) => {
        page.open({ headers: () => new Promise((resolve) => (globalThis.signIn = resolve)) });
      });
      await cut();
      await on((page) => page.pay(1, 'k1'));
      await mend();
      await on((page) => {
        globalThis.flushed = page.flush();
      });
      await until(() => on(() => globalThis.signIn !== undefined));
      await on((page) => page.clear(), other);
      // Somebody else signs in, and this token is the new one.
      await on(() => {
        globalThis.signIn?.({});
        return globalThis.flushed;
      });
      expect([bank.effects, await told()]).toEqual([[], []]);
    },
  );
});
