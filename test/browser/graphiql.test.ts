import type { Page } from 'playwright-core';
import { startBrowser, type TestBrowser, type Visit } from '../support/browser.js';
import { startServerProcess, type ServerProcess } from '../support/server-process.js';
import { paymentsFor } from './checkout-page.js';

/** The test's browser reaches this machine only: Apollo Sandbox cannot be loaded. */
describe('the landing page where Apollo Sandbox cannot be loaded', () => {
  let browser: TestBrowser;
  let server: ServerProcess;
  let visit: Visit | undefined;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServerProcess({}), startBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await server.end('SIGKILL');
  });
  afterEach(async () => {
    await visit?.close();
    visit = undefined;
  });

  async function open(path = ''): Promise<Page> {
    visit = await browser.visit(`${server.url}${path}`);
    await visit.page.waitForURL(`${server.url}graphiql`);
    return visit.page;
  }

  /** Presses Run, and waits for an answer with this text. */
  async function run(page: Page, answer: RegExp): Promise<string> {
    await page.getByRole('button', { name: /^Execute query/ }).click();
    const response = page.locator('.result-window').filter({ hasText: answer });
    await response.waitFor();
    return response.innerText();
  }

  it('is GraphiQL, where Run pays and a second Run is a replay', async () => {
    const page = await open();
    const first = await run(page, /"status": "executed"/);
    const second = await run(page, /"status": "replayed"/);
    const idOf = (text: string): string | undefined => /"id": "([^"]+)"/.exec(text)?.[1];
    expect(idOf(first)).toBeDefined();
    expect(idOf(second)).toBe(idOf(first));
    expect(await paymentsFor(server, 'Two coffees')).toBe(1);
  });

  it('shows the headers that a payment needs, with another key at every load', async () => {
    const page = await open();
    const headers = page.getByRole('region', { name: 'Headers' });
    await headers.filter({ hasText: '"Authorization": "Bearer alice"' }).waitFor();
    const key = async (): Promise<string | undefined> =>
      /"Idempotency-Key": "(graphiql-[0-9a-f]{8})"/.exec(await headers.innerText())?.[1];
    const first = await key();
    expect(first).toBeDefined();
    await page.reload();
    await headers.filter({ hasText: 'Idempotency-Key' }).waitFor();
    expect(await key()).not.toBe(first);
  });

  it('asks this server alone, and its security policy stops nothing that it does', async () => {
    const { headers } = await fetch(`${server.url}graphiql`);
    expect(headers.get('content-security-policy')).toContain("script-src 'self';");
    const page = await open('graphiql');
    await run(page, /"status": "executed"/);
    await page.getByRole('button', { name: /Documentation Explorer/ }).click();
    await page.getByText('root types').first().waitFor();
    await page.getByRole('button', { name: 'Open settings dialog' }).click();
    await page.getByRole('dialog').waitFor();
    expect([visit?.outside, visit?.problems]).toEqual([[], []]);
  });

  it('has a link to it for networks that give no answer at all', async () => {
    const html = await (await fetch(server.url, { headers: { accept: 'text/html' } })).text();
    expect(html).toContain('<a href="/graphiql">');
  });
});
