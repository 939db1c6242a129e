import { booksOf, keysOf, paymentsFor } from './checkout-page.js';
import { setUpCheckout } from './checkout-setup.js';

/** Whether it had to wait for the first answer depends on how fast that was. */
const REPLAYED = /^sent → (waited → )?replayed$/;

describe('on the checkout page', () => {
  const setup = setUpCheckout();

  it('Pay pays once, and the page shows it', async () => {
    const before = await booksOf(setup.server);
    const { pay, page, expectAttempts, expectOutcome } = await setup.open();
    await pay.click();
    await expectOutcome('Paid €12.50. 1 attempt, 1 key, 1 payment');
    const [attempt] = await expectAttempts('sent → executed');
    expect(attempt?.key).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    const after = await booksOf(setup.server);
    expect(after.balance).toBe(before.balance - 1_250);
    expect(after.payments[0]).toEqual({ amount: 1_250, reference: setup.reference });
    expect(after.payments).toHaveLength(before.payments.length + 1);
    const ledger = page.getByRole('region', { name: 'Ledger' });
    const shown = (after.balance / 100).toLocaleString('en', { minimumFractionDigits: 2 });
    await ledger.getByText(`€${shown}`).waitFor();
    await ledger.getByText(setup.reference).waitFor();
  });

  it('a double click is one payment', async () => {
    const { pay, expectAttemptsAtOnce, expectOutcome } = await setup.open();
    await pay.dblclick();
    await expectOutcome(/^Paid €12\.50.* 2 attempts, 1 key, 1 payment/);
    const attempts = await expectAttemptsAtOnce('sent → executed', REPLAYED);
    expect(keysOf(attempts)).toHaveLength(1);
    expect(await paymentsFor(setup.server, setup.reference)).toBe(1);
  });

  it('the button that double-clicks makes one payment', async () => {
    const { doubleClick, expectAttemptsAtOnce, expectOutcome } = await setup.open();
    await doubleClick.click();
    await expectOutcome(/^Paid €12\.50.* 2 attempts, 1 key, 1 payment/);
    const attempts = await expectAttemptsAtOnce('sent → executed', REPLAYED);
    expect(keysOf(attempts)).toHaveLength(1);
    expect(await paymentsFor(setup.server, setup.reference)).toBe(1);
  });

  it('a lost response is retried, and is one payment', async () => {
    const { loseNext, pay, expectAttempts, expectOutcome } = await setup.open();
    await loseNext.check();
    await pay.click();
    await expectOutcome('Paid €12.50 once. This answer was replayed. 2 attempts, 1 key, 1 payment');
    const attempts = await expectAttempts(
      'sent → response lost → retry in n ms',
      'sent → replayed',
    );
    expect(keysOf(attempts)).toHaveLength(1);
    expect(await loseNext.isChecked()).toBe(false);
    expect(await paymentsFor(setup.server, setup.reference)).toBe(1);
  });

  it('a double click of which a response is lost is one payment', async () => {
    const { loseNext, pay, expectAttempts, expectOutcome } = await setup.open();
    await loseNext.check();
    await pay.dblclick();
    await expectOutcome('3 attempts, 1 key, 1 payment');
    const attempts = await expectAttempts(/^sent/, /^sent/, 'sent → replayed');
    expect(attempts.filter(({ steps }) => steps.includes('response lost'))).toHaveLength(1);
    expect(keysOf(attempts)).toHaveLength(1);
    expect(await paymentsFor(setup.server, setup.reference)).toBe(1);
  });

  it('a new key for every attempt makes two payments of a double click', async () => {
    const { freshKeys, pay, expectAttempts, expectOutcome } = await setup.open();
    await freshKeys.check();
    await pay.dblclick();
    await expectOutcome('Paid €12.50 2 times. 2 attempts, 2 keys, 2 payments');
    const attempts = await expectAttempts('sent → executed', 'sent → executed');
    expect(keysOf(attempts)).toHaveLength(2);
    expect(await paymentsFor(setup.server, setup.reference)).toBe(2);
  });

  it('a new key for every attempt makes two payments of a lost response', async () => {
    const { freshKeys, loseNext, pay, expectAttempts, expectOutcome } = await setup.open();
    await freshKeys.check();
    await loseNext.check();
    await pay.click();
    await expectOutcome('Paid €12.50 2 times. 2 attempts, 2 keys, 2 payments');
    await expectAttempts('sent → response lost → retry in n ms', 'sent → executed');
    expect(await paymentsFor(setup.server, setup.reference)).toBe(2);
  });

  it('another order is another payment, with another key', async () => {
    const { amount, pay, page, expectAttempts, expectOutcome } = await setup.open();
    await pay.click();
    await expectOutcome('Paid €12.50');
    const [first] = await expectAttempts('sent → executed');
    await amount.fill('3');
    await pay.click();
    await expectOutcome('Paid €3.00. 1 attempt, 1 key, 1 payment');
    const [second] = await expectAttempts('sent → executed');
    expect(second?.key).not.toBe(first?.key);
    expect(await paymentsFor(setup.server, setup.reference)).toBe(2);
    const headings = await page.locator('.purchases h3').allInnerTexts();
    expect(headings).toEqual([`€3.00 ${setup.reference}`, `€12.50 ${setup.reference}`]);
  });

  it('a declined payment moves nothing, however often it is asked for', async () => {
    const before = await booksOf(setup.server);
    const { amount, doubleClick, expectAttemptsAtOnce, expectOutcome } = await setup.open();
    await amount.fill('9999999');
    await doubleClick.click();
    await expectOutcome(/^Declined.* Nothing was moved\. 2 attempts, 1 key, 0 payments/);
    await expectAttemptsAtOnce('sent → executed', REPLAYED);
    expect(await booksOf(setup.server)).toEqual(before);
  });

  it('an amount that is none is refused before anything is sent', async () => {
    const { amount, pay, page, attempts, expectOutcome } = await setup.open();
    const problem = page.getByText('Enter an amount above 0, such as 12.50.');
    for (const text of ['', '0', '-5', '12.505', 'ten', '1e3', '12345678']) {
      await amount.fill('1');
      await amount.fill(text);
      await pay.click();
      await problem.waitFor();
      expect(await amount.and(page.locator(':focus')).count()).toBe(1);
      expect(await amount.getAttribute('aria-invalid')).toBe('true');
    }
    expect(await attempts()).toEqual([]);
    await amount.fill(' 0,5 ');
    await pay.click();
    await problem.waitFor({ state: 'detached' });
    await expectOutcome('Paid €0.50.');
  });
});
