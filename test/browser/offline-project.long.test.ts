import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createBank } from '../client/bank.js';
import { startHttpServer, type HttpServer } from '../graphql/http.js';
import { createFreshProject, type FreshProject } from '../package/fresh-project.js';
import { startBrowser, type TestBrowser } from '../support/browser.js';
import { until } from '../support/until.js';

const PAGE = 'test/examples/client-projects/offline.ts';
/** The page's program, and the code of docs/clients.md that it calls. */
const FILES = [PAGE, 'docs/examples/clients/offline.ts'];

describe('a page of a project that installs the package, with the offline queue of its page', () => {
  let project: FreshProject;
  let browser: TestBrowser;
  let pages: Server;
  let server: HttpServer;
  const bank = createBank();

  beforeAll(async () => {
    [project, browser, server] = await Promise.all([
      createFreshProject(['@apollo/client', 'rxjs', 'graphql', 'esbuild']),
      startBrowser(),
      startHttpServer(bank.schema),
    ]);
    project.write(
      Object.fromEntries(
        FILES.map((file) => [file, readFileSync(join(__dirname, '../..', file), 'utf8')]),
      ),
    );
    await project.exec('esbuild', PAGE, '--bundle', '--format=esm', '--outfile=page.js');
    const script = readFileSync(project.path('page.js'));
    pages = createServer(({ url }, response) => {
      const isScript = url === '/page.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(
        isScript
          ? script
          : '<!doctype html><link rel="icon" href="data:,"><body></body><script type="module" src="/page.js"></script>',
      );
    }).listen(0, '127.0.0.1');
    await once(pages, 'listening');
  });
  afterAll(async () => {
    pages.close();
    pages.closeAllConnections();
    await Promise.all([browser.close(), server.stop()]);
    project.remove();
  });

  it('pays once when the response is lost, the network is away, the page is reloaded, and the network is back', async () => {
    const { port } = pages.address() as AddressInfo;
    const url = `http://127.0.0.1:${String(server.port)}/`;
    const visit = await browser.visit(`http://127.0.0.1:${String(port)}/#${url}`);
    const { page } = visit;
    let requests = 0;
    await page.route(url, async (route) => {
      if (route.request().method() === 'POST') requests += 1;
      // The first one reaches the server. The page itself can always be loaded.
      if (requests === 1) await route.fetch();
      await route.abort('internetdisconnected');
    });
    expect(await page.evaluate('globalThis.pay(5)')).toMatch(/Failed to fetch/);
    expect(bank.effects).toEqual(['pay 5']);

    const before = requests;
    await page.reload();
    await until(() => requests > before);
    await page.context().setOffline(true);
    await page.unrouteAll({ behavior: 'wait' });
    await page.context().setOffline(false);
    await until(async () => (await page.textContent('body')) !== '');
    expect(await page.textContent('body')).toBe('Pay: sent, now that there is a network.');
    expect(bank.effects).toEqual(['pay 5']);
    expect(await page.evaluate('globalThis.pay(6)')).toBe('paid');
    expect(bank.effects).toEqual(['pay 5', 'pay 6']);
    await visit.close();
  });
});
