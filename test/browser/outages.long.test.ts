import { until } from '../support/until.js';
import { keysOf, paymentsFor, type CheckoutPage } from './checkout-page.js';
import { setUpCheckout } from './checkout-setup.js';

const REFUSED = 'sent → rejected IDEMPOTENCY_STORE_UNAVAILABLE → retry in n ms';

describe('the checkout page without Redis', () => {
  const setup = setUpCheckout();

  /** Presses Pay, and sees that nothing happens however often it is tried. */
  async function payInVain({ pay, expectFirstAttempt }: CheckoutPage): Promise<void> {
    await pay.click();
    await expectFirstAttempt(REFUSED);
    expect(await paymentsFor(setup.server, setup.reference)).toBe(0);
  }

  /** Sees that the last of several attempts with one key has paid, and no other. */
  async function expectPaidAtLast({ attempts, expectOutcome }: CheckoutPage): Promise<void> {
    await expectOutcome(/^Paid €12\.50.*1 key, 1 payment/);
    const all = await attempts();
    expect(all.length).toBeGreaterThan(1);
    // The page's queue sends what was refused again, too, and whoever comes first executes it.
    expect(all.at(-1)?.steps).toMatch(/^sent → (executed|(waited → )?replayed)$/);
    expect(keysOf(all)).toHaveLength(1);
    expect(await paymentsFor(setup.server, setup.reference)).toBe(1);
  }

  it('pays nothing while Redis is taken away, and once when it is back (G12)', async () => {
    const checkout = await setup.open();
    await checkout.storeAway.click();
    await checkout.page.getByText('It is away, for a minute at most.').waitFor();
    await payInVain(checkout);
    await checkout.expectOutcome(/^Paying….*0 payments/);
    await checkout.storeAway.click();
    await expectPaidAtLast(checkout);
    await checkout.page.getByText('Keys cannot be checked then').waitFor();
  });

  it('gives up after some retries, and Pay goes on with the same key', async () => {
    const checkout = await setup.open();
    await checkout.storeAway.click();
    await payInVain(checkout);
    await checkout.expectOutcome(/STORE_UNAVAILABLE: .* Retry safely: Pay sends the same key\./);
    await checkout.storeAway.click();
    await checkout.page.getByText('Keys cannot be checked then').waitFor();
    await checkout.pay.click();
    await expectPaidAtLast(checkout);
  });

  it('pays once when Redis itself ends and is started again (G12)', async () => {
    const checkout = await setup.open();
    await setup.redis.kill();
    await payInVain(checkout);
    await setup.redis.restart();
    await expectPaidAtLast(checkout);
  });

  it('pays once although Redis forgets everything between the lost answer and the retry (G30)', async () => {
    const { forgetNext, pay, expectAttempts, expectOutcome } = await setup.open();
    await forgetNext.check();
    await pay.click();
    await expectOutcome(/^Paid €12\.50.*2 attempts, 1 key, 1 payment/);
    // Nothing was left to be replayed: the resolver ran again, and found the row.
    const attempts = await expectAttempts(
      'sent → response lost → retry in n ms',
      'sent → executed',
    );
    expect(keysOf(attempts)).toHaveLength(1);
    expect(await forgetNext.isChecked()).toBe(false);
    expect(await paymentsFor(setup.server, setup.reference)).toBe(1);
  });

  it('shows the switch as it stands on the server, also to a second page', async () => {
    const [one, two] = [await setup.open(), await setup.open()];
    await one.storeAway.click();
    await one.page.getByText('It is away').waitFor();
    await two.page.reload();
    await two.page.getByText('It is away').waitFor();
    expect(await two.storeAway.isChecked()).toBe(true);
    await two.storeAway.click();
    await two.page.getByText('Keys cannot be checked then').waitFor();
  });

  it('says when the server does not answer', async () => {
    const { page, pay, storeAway, attempts, expectFirstAttempt } = await setup.open();
    setup.expectProblems(/net::ERR_INTERNET_DISCONNECTED/);
    await page.context().setOffline(true);
    await pay.click();
    await expectFirstAttempt('sent → no answer → retry in n ms');
    await page.getByText('The server does not answer. This may be out of date.').waitFor();
    await storeAway.click();
    await page.getByText('The server does not answer. Try again.').waitFor();
    await page.context().setOffline(false);
    const hasRun = async (): Promise<boolean> =>
      (await attempts()).some(({ steps }) => steps === 'sent → executed');
    await until(hasRun);
    await page.getByText('This may be out of date.').waitFor({ state: 'detached' });
    expect(await paymentsFor(setup.server, setup.reference)).toBe(1);
  });
});

describe('the checkout page while Redis goes away in the middle of a payment', () => {
  const setup = setUpCheckout({ PROCESSOR_LATENCY_MS: '2000' });

  it('gets the answer all the same, and says that it is not stored yet (G13)', async () => {
    const checkout = await setup.open();
    await setup.begin(checkout);
    await checkout.storeAway.click();
    await checkout.expectOutcome('Paid €12.50. 1 attempt, 1 key, 1 payment');
    await checkout.expectAttempts('sent → executed, not stored yet');
    expect(await paymentsFor(setup.server, setup.reference)).toBe(1);
  });
});

describe('the checkout page of a server without Redis', () => {
  const setup = setUpCheckout({ REDIS_URL: '' });

  it('calls the switch by another name', async () => {
    const { page, storeAway, forgetNext } = await setup.open();
    await page.getByRole('switch', { name: 'Take the record store away' }).waitFor();
    expect(await storeAway.count()).toBe(0);
    await page.getByRole('switch', { name: 'The record store forgets everything' }).waitFor();
    expect(await forgetNext.count()).toBe(0);
  });
});

describe('the checkout page of a server whose switches are off', () => {
  const setup = setUpCheckout({ CHECKOUT_SWITCHES: 'off' });

  it('leaves the store alone', async () => {
    const { page, pay, expectOutcome } = await setup.open();
    await page.getByRole('switch', { name: /^Take / }).waitFor({ state: 'detached' });
    expect(await page.getByRole('switch').count()).toBe(2);
    await pay.click();
    await expectOutcome('Paid €12.50.');
  });
});
