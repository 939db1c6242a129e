import { keysOf, paymentsFor } from './checkout-page.js';
import { setStage } from './stage.js';

describe('a checkout page with a slow payment processor', () => {
  const stage = setStage({ PROCESSOR_LATENCY_MS: '700' });

  it('lets the second click of a double click wait for the answer of the first', async () => {
    const { pay, expectAttemptsAtOnce, expectOutcome } = await stage.open();
    await pay.dblclick();
    await expectOutcome(/^Paid €12\.50.* 2 attempts, 1 key, 1 payment/);
    const attempts = await expectAttemptsAtOnce('sent → executed', 'sent → waited → replayed');
    expect(keysOf(attempts)).toHaveLength(1);
    expect(await paymentsFor(stage.server, stage.reference)).toBe(1);
  });

  it('pays once when it is reloaded before the answer and Pay is pressed again', async () => {
    const checkout = await stage.open();
    const { amount, pay, page, reference, expectAttempts, expectOutcome } = checkout;
    await amount.fill('7.30');
    await stage.begin(checkout);
    const [first] = await checkout.attempts();
    await page.reload();
    await expectOutcome('This payment may have been made. Retry safely');
    expect(await amount.inputValue()).toBe('7.30');
    expect(await reference.inputValue()).toBe(stage.reference);
    await pay.click();
    await expectOutcome(/^Paid €7\.30 once\..* 2 attempts, 1 key, 1 payment/);
    const attempts = await expectAttempts('sent → page reloaded', /replayed$/);
    expect(keysOf(attempts)).toEqual([first?.key]);
    expect(await paymentsFor(stage.server, stage.reference)).toBe(1);
  });

  it('pays once when every retry failed, it is reloaded, and Pay is pressed again', async () => {
    const { loseNext, pay, page, expectAttempts, expectOutcome } = await stage.open();
    stage.expectProblems(/net::ERR_INTERNET_DISCONNECTED/);
    let sent = 0;
    await page.route(stage.server.url, async (route) => {
      const isPayment = route.request().postData()?.includes('CreatePayment') === true;
      if (isPayment && (sent += 1) > 1) await route.abort('internetdisconnected');
      else await route.continue();
    });
    await loseNext.check();
    await pay.click();
    await expectOutcome('This payment may have been made. No answer came. Retry safely');
    const failed = [
      'sent → response lost → retry in n ms',
      'sent → no answer → retry in n ms',
      'sent → no answer → retry in n ms',
      'sent → no answer → retry in n ms',
      'sent → no answer',
    ];
    await expectAttempts(...failed);
    await page.unrouteAll();
    await page.reload();
    await expectOutcome('This payment may have been made. Retry safely');
    await pay.click();
    await expectOutcome(/^Paid €12\.50 once\..* 6 attempts, 1 key, 1 payment/);
    expect(keysOf(await expectAttempts(...failed, 'sent → replayed'))).toHaveLength(1);
    expect(await paymentsFor(stage.server, stage.reference)).toBe(1);
  });

  it('says that a changed form is another payment while the first may have been made', async () => {
    const checkout = await stage.open();
    const { amount, page } = checkout;
    await stage.begin(checkout);
    await page.reload();
    await checkout.expectOutcome('Pay sends the same key.');
    await amount.fill('12.51');
    await checkout.expectOutcome('The form has changed since: Pay makes another payment.');
    await amount.fill('12.50');
    await checkout.expectOutcome('Pay sends the same key.');
  });

  it('forgets a payment that may have been made when told to, and pays a second time', async () => {
    const checkout = await stage.open();
    const { pay, page, startOver } = checkout;
    await stage.begin(checkout);
    const [first] = await checkout.attempts();
    await page.reload();
    await startOver.click();
    await startOver.waitFor({ state: 'detached' });
    expect(await checkout.outcome.innerText()).toBe('');
    await pay.click();
    await checkout.expectOutcome('Paid €12.50');
    const [second] = await checkout.expectAttempts('sent → executed');
    expect(second?.key).not.toBe(first?.key);
    expect(await paymentsFor(stage.server, stage.reference)).toBe(2);
  });

  it('knows nothing of a payment any more once it has its answer', async () => {
    const { pay, page, startOver, expectAttempts, expectOutcome, outcome } = await stage.open();
    await pay.click();
    await expectOutcome('Paid €12.50.');
    await page.reload();
    // The list is back when the page is.
    await expectAttempts('sent → executed');
    expect([await outcome.innerText(), await startOver.count()]).toEqual(['', 0]);
  });
});
