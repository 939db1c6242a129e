import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import type { CheckoutPage } from './checkout-page.js';
import { setUpCheckout } from './checkout-setup.js';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

interface AxeResult {
  readonly violations: readonly Finding[];
  readonly incomplete: readonly Finding[];
  readonly passes: readonly Finding[];
}

/** What axe-core finds wrong or cannot tell. */
async function flawsOf(page: Page): Promise<readonly unknown[]> {
  await page.evaluate(AXE);
  const { violations, incomplete, passes } = await page.evaluate<AxeResult>('axe.run()');
  // It has looked: contrast can be measured where the colours are known.
  expect(passes.map(({ id }) => id)).toContain('color-contrast');
  return [...violations, ...incomplete].map(({ id, nodes }) => [
    id,
    nodes.map(({ html, failureSummary }) => [html, failureSummary]),
  ]);
}

/** How wide the page is, in pixels. A phone would shrink a wider one to make it fit. */
const widthOf = (page: Page): Promise<unknown> =>
  page.evaluate('document.documentElement.scrollWidth');

describe('the checkout page', () => {
  const setup = setUpCheckout();

  /** Shows everything that the page can show. */
  async function showEverything({ page, ...checkout }: CheckoutPage): Promise<void> {
    await checkout.doubleClick.click();
    await checkout.expectOutcome('1 payment');
    await checkout.freshKeys.check();
    await checkout.loseNext.check();
    await checkout.reference.fill(`${setup.reference} ${'and-so-on'.repeat(13)}`);
    await checkout.pay.click();
    await checkout.expectOutcome('2 payments');
    await checkout.freshKeys.uncheck();
    await checkout.amount.fill('1234.56');
    await checkout.storeAway.click();
    await page.getByText('It is away').waitFor();
    await checkout.pay.click();
    await checkout.expectFirstAttempt(/^sent → rejected IDEMPOTENCY_STORE_UNAVAILABLE → retry/);
    await page.reload();
    await checkout.expectOutcome('This payment may have been made.');
    await checkout.amount.fill('none');
    await checkout.pay.click();
    await page.getByText('Enter an amount').waitFor();
  }

  it.each(['light', 'dark'] as const)('has no flaws that axe-core knows, in %s', async (scheme) => {
    const checkout = await setup.open({ colorScheme: scheme });
    expect(await flawsOf(checkout.page)).toEqual([]);
    await showEverything(checkout);
    expect(await flawsOf(checkout.page)).toEqual([]);
    const background = await checkout.page.evaluate(
      'getComputedStyle(document.documentElement).backgroundColor',
    );
    expect(background).toBe(scheme === 'light' ? 'rgb(251, 250, 248)' : 'rgb(21, 23, 26)');
  });

  it('fits a phone: nothing has to be scrolled sideways, and everything can be hit', async () => {
    const checkout = await setup.open(PHONE);
    expect(await widthOf(checkout.page)).toBe(PHONE.viewport.width);
    await showEverything(checkout);
    expect(await widthOf(checkout.page)).toBe(PHONE.viewport.width);
    // The contrast of what the line about the payment covers cannot be measured: room for both.
    await checkout.page.setViewportSize({ ...PHONE.viewport, height: 4_000 });
    expect(await flawsOf(checkout.page)).toEqual([]);
    for (const button of await checkout.page.getByRole('button').all()) {
      expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    }
  });

  it('can be used with the keyboard alone', async () => {
    const { page, outcome, ...checkout } = await setup.open();
    await page.reload();
    await checkout.pay.waitFor();
    const focused: string[] = [];
    for (let stop = 0; stop < 9; stop += 1) {
      await page.keyboard.press('Tab');
      const name = await page.evaluate<string>(
        '(document.activeElement.labels?.[0] ?? document.activeElement).innerText',
      );
      focused.push(name);
      const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
      expect([name, outline]).toEqual([name, 'solid']);
    }
    expect(focused).toEqual([
      'Amount in euros',
      'Reference',
      'Pay',
      'Double-click for me',
      'Lose the next response',
      'Take Redis away',
      'Redis forgets everything',
      'A new key for every attempt',
      'The same API in Apollo Sandbox',
    ]);
    await checkout.loseNext.focus();
    await page.keyboard.press('Space');
    expect(await checkout.loseNext.isChecked()).toBe(true);
    await checkout.reference.focus();
    await page.keyboard.press('Enter');
    await checkout.expectOutcome('2 attempts, 1 key, 1 payment');
    await checkout.pay.focus();
    await checkout.amount.fill('1');
    await checkout.pay.press('Space');
    await checkout.expectOutcome('Paid €1.00. 1 attempt');
    expect(await outcome.getAttribute('role')).toBe('status');
  });

  it('moves nothing for those who want no motion', async () => {
    const { page, loseNext } = await setup.open({ reducedMotion: 'reduce' });
    const duration = "getComputedStyle(document.querySelector('[role=switch]'), '::before')";
    const moves = (): Promise<unknown> => page.evaluate(`${duration}.transitionDuration`);
    expect(await moves()).toBe('0s');
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(await moves()).toBe('0.12s');
    await loseNext.check();
  });

  it('is there before its script, and says that it needs one', async () => {
    const { page } = await setup.open();
    const plain = await page.context().browser()?.newContext({ javaScriptEnabled: false });
    const bare = await plain?.newPage();
    await bare?.goto(`${setup.server.url}checkout`);
    expect(await bare?.getByRole('heading', { level: 1 }).innerText()).toBe(
      'Pay once, whatever happens',
    );
    expect(await bare?.getByRole('main').innerText()).toBe('This page needs JavaScript.');
    await plain?.close();
  });

  it('remembers the last 100 attempts, and nothing that is no attempt', async () => {
    const { page, pay, expectOutcome } = await setup.open();
    const remember = async (attempts: string): Promise<void> => {
      // The page must not write what it knows once more, as it does when it has read the ledger.
      await page.evaluate(`{
        sessionStorage.setItem('checkout:attempts', ${attempts});
        Storage.prototype.setItem = () => undefined;
      }`);
      await page.reload();
    };
    const attempts = (count: number, state: string): string =>
      `JSON.stringify({
        attempts: Array.from({ length: ${String(count)} }, (_, id) => (
          { id, purchase: 'p', key: 'k' + id, keyNumber: id, sentAtMs: 0, state: '${state}' })),
        purchases: [{ id: 'p', amount: 1, reference: null, newestBefore: null }],
      })`;
    const rows = page.locator('.attempts > li');
    await remember(attempts(100, 'executed'));
    await rows.first().waitFor();
    expect(await rows.count()).toBe(100);
    expect(await rows.first().locator('.key').getAttribute('title')).toBe('k0');
    await pay.click();
    await expectOutcome('Paid €12.50.');
    expect(await rows.count()).toBe(100);
    expect(await rows.nth(1).locator('.key').getAttribute('title')).toBe('k1');
    for (const broken of [attempts(1, 'unknown'), `'{"attempts":['`]) {
      await remember(broken);
      await page.getByText('Every request will be listed here.').waitFor();
    }
  });
});
