import type { Page } from 'playwright-core';
import { keysOf, paymentsFor } from './checkout-page.js';
import { setUpCheckout } from './checkout-setup.js';

const NO_NETWORK = /net::ERR_INTERNET_DISCONNECTED/;

describe('a checkout page with a slow payment processor', () => {
  const setup = setUpCheckout({ PROCESSOR_LATENCY_MS: '2000' });

  /** No request reaches the API any more, as if there were no network. */
  async function loseTheWay(page: Page): Promise<void> {
    setup.expectProblems(NO_NETWORK);
    await page.route(setup.server.url, (route) => route.abort('internetdisconnected'));
  }

  it('lets the second click of a double click wait for the answer of the first', async () => {
    const { pay, expectAttemptsAtOnce, expectOutcome } = await setup.open();
    await pay.dblclick();
    await expectOutcome(/^Paid €12\.50.* 2 attempts, 1 key, 1 payment/);
    const attempts = await expectAttemptsAtOnce('sent → executed', 'sent → waited → replayed');
    expect(keysOf(attempts)).toHaveLength(1);
    expect(await paymentsFor(setup.server, setup.reference)).toBe(1);
  });

  it('asks for the answer by itself when it is reloaded before it', async () => {
    const checkout = await setup.open();
    const { amount, page, reference, expectAttempts, expectOutcome } = checkout;
    await amount.fill('7.30');
    await setup.begin(checkout);
    const [first] = await checkout.attempts();
    await page.reload();
    expect(await amount.inputValue()).toBe('7.30');
    expect(await reference.inputValue()).toBe(setup.reference);
    await expectOutcome(/^Paid €7\.30 once\..* 2 attempts, 1 key, 1 payment/);
    const attempts = await expectAttempts('sent → page reloaded', /replayed$/);
    expect(keysOf(attempts)).toEqual([first?.key]);
    expect(await paymentsFor(setup.server, setup.reference)).toBe(1);
  });

  it('pays once when it is reloaded before the answer and Pay is pressed again', async () => {
    const checkout = await setup.open();
    const { pay, page, attempts, expectOutcome } = checkout;
    await setup.begin(checkout);
    await loseTheWay(page);
    await page.reload();
    await expectOutcome('This payment may have been made. Retry safely');
    await pay.click();
    await page.unrouteAll();
    await expectOutcome(/^Paid €12\.50 once\..* 1 key, 1 payment/);
    expect(keysOf(await attempts())).toHaveLength(1);
    expect(await paymentsFor(setup.server, setup.reference)).toBe(1);
  });

  it('pays once when every retry failed and it is reloaded', async () => {
    const { loseNext, pay, page, attempts, expectOutcome } = await setup.open();
    setup.expectProblems(NO_NETWORK);
    let sent = 0;
    await page.route(setup.server.url, async (route) => {
      const isPayment = route.request().postData()?.includes('CreatePayment') === true;
      if (isPayment && (sent += 1) > 1) await route.abort('internetdisconnected');
      else await route.continue();
    });
    await loseNext.check();
    await pay.click();
    await expectOutcome('This payment may have been made. No answer came. Retry safely');
    await page.reload();
    await expectOutcome('This payment may have been made. Retry safely');
    await page.unrouteAll();
    await expectOutcome(/^Paid €12\.50 once\..* 1 key, 1 payment/);
    // The queue sends beside the client's retries: their number depends on the time between them.
    const steps = (await attempts()).map((attempt) => attempt.steps);
    expect([steps.at(-1), steps.length > 2]).toEqual(['sent → replayed', true]);
    expect(keysOf(await attempts())).toHaveLength(1);
    expect(await paymentsFor(setup.server, setup.reference)).toBe(1);
  });

  it('says that a changed form is another payment while the first may have been made', async () => {
    const checkout = await setup.open();
    const { amount, page } = checkout;
    await setup.begin(checkout);
    await loseTheWay(page);
    await page.reload();
    await checkout.expectOutcome('Pay sends the same key.');
    await amount.fill('12.51');
    await checkout.expectOutcome('The form has changed since: Pay makes another payment.');
    await amount.fill('12.50');
    await checkout.expectOutcome('Pay sends the same key.');
  });

  it('forgets a payment that may have been made when told to, and pays a second time', async () => {
    const checkout = await setup.open();
    const { pay, page, startOver } = checkout;
    await setup.begin(checkout);
    const [first] = await checkout.attempts();
    await loseTheWay(page);
    await page.reload();
    await startOver.click();
    await startOver.waitFor({ state: 'detached' });
    expect(await checkout.outcome.innerText()).toBe('');
    await page.unrouteAll();
    await pay.click();
    await checkout.expectOutcome('Paid €12.50');
    const [second] = await checkout.expectAttempts('sent → executed');
    expect(second?.key).not.toBe(first?.key);
    expect(await paymentsFor(setup.server, setup.reference)).toBe(2);
  });

  it('knows nothing of a payment any more once it has its answer', async () => {
    const { pay, page, startOver, expectAttempts, expectOutcome, outcome } = await setup.open();
    await pay.click();
    await expectOutcome('Paid €12.50.');
    await page.reload();
    // The list is back when the page is.
    await expectAttempts('sent → executed');
    expect([await outcome.innerText(), await startOver.count()]).toEqual(['', 0]);
  });
});
