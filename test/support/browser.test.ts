import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startBrowser, type TestBrowser } from './browser.js';
import { until } from './until.js';

describe('the browser of the tests', () => {
  let browser: TestBrowser;
  let server: Server;
  let url: string;
  let html = '';

  beforeAll(async () => {
    server = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.setHeader('content-security-policy', "script-src 'self' 'unsafe-inline'");
      response.end(`<!doctype html><link rel="icon" href="data:,"><title>Page</title>${html}`);
    }).listen(0);
    await once(server, 'listening');
    url = `http://localhost:${String((server.address() as AddressInfo).port)}/`;
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  it('opens a page and finds nothing wrong with a plain one', async () => {
    html = '<h1>Hello</h1>';
    const visit = await browser.visit(url);
    expect(await visit.page.title()).toBe('Page');
    expect(await visit.page.getByRole('heading').textContent()).toBe('Hello');
    expect([visit.outside, visit.problems]).toEqual([[], []]);
    await visit.close();
  });

  it.each([
    ['an error that is thrown', '<script>throw new Error("It broke.")</script>', 'It broke.'],
    ['an error in the console', '<script>console.error("It failed.")</script>', 'It failed.'],
    [
      'a violation of the security policy',
      '<script src="data:text/javascript,1"></script>',
      'Content Security Policy',
    ],
  ])('notices %s', async (_, body, message) => {
    html = body;
    const visit = await browser.visit(url);
    await until(() => visit.problems.length > 0);
    expect(visit.problems).toEqual([expect.stringContaining(message)]);
    await visit.close();
  });

  it('notices a request to another origin, and does not let it out', async () => {
    html = '<img alt="" src="https://example.com/pixel.png">';
    const visit = await browser.visit(url);
    await until(() => visit.problems.length > 0);
    expect(visit.outside).toEqual(['https://example.com/pixel.png']);
    expect(visit.problems[0]).toContain('ERR_NAME_NOT_RESOLVED');
    await visit.close();
  });

  it('keeps what pages store apart', async () => {
    html = '<script>localStorage.seen = (localStorage.seen ?? "") + "x"</script>';
    for (let time = 0; time < 2; time += 1) {
      const visit = await browser.visit(url);
      expect(await visit.page.evaluate('localStorage.seen')).toBe('x');
      await visit.close();
    }
  });
});
