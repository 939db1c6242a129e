import { barsOf, booksOf, keysOf, paymentsFor, topsOf } from './checkout-page.js';
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

  it('a new key for every attempt changes no purchase: Pay within half a second belongs to the last one', async () => {
    const { freshKeys, loseNext, pay, page, ...checkout } = await setup.open();
    // Time stands still from here on, but for what the test lets pass.
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 60_000);
    await freshKeys.check();
    await loseNext.check();
    await pay.click();
    await checkout.expectFirstAttempt('sent → response lost → retry in n ms');
    await page.clock.runFor(300);
    await checkout.expectOutcome('Paid €12.50 2 times. 2 attempts, 2 keys, 2 payments');
    await page.clock.runFor(499);
    await pay.click();
    await checkout.expectOutcome('Paid €12.50 3 times. 3 attempts, 3 keys, 3 payments');
    await page.clock.runFor(500);
    await pay.click();
    await checkout.expectOutcome('Paid €12.50. 1 attempt, 1 key, 1 payment');
    expect(await paymentsFor(setup.server, setup.reference)).toBe(4);
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

  it('attempts are bars over time: a lost response, and its replay after it', async () => {
    const { amount, freshKeys, loseNext, pay, page, ...checkout } = await setup.open();
    await loseNext.check();
    await pay.click();
    await checkout.expectOutcome('Paid');
    await checkout.expectAttempts(/response lost/, 'sent → replayed');
    const [lost, replayed, ...more] = await barsOf(page);
    expect([lost?.state, replayed?.state, more.length]).toEqual(['lost', 'replayed', 0]);
    expect(lost?.from).toBe(0);
    expect(replayed?.from).toBeGreaterThan(lost?.to ?? 1);
    expect(replayed?.color).toBe(lost?.color);
    await amount.fill('3');
    await freshKeys.check();
    await pay.dblclick();
    await checkout.expectAttempts('sent → executed', 'sent → executed');
    const colors = (await barsOf(page)).map(({ color }) => color);
    expect(new Set([...colors, lost?.color]).size).toBe(3);
  });

  it('the timeline says everything in words too', async () => {
    const { loseNext, pay, page, expectAttempts } = await setup.open();
    await loseNext.check();
    await pay.click();
    await expectAttempts(/response lost/, 'sent → replayed');
    const timeline = page.getByRole('region', { name: 'Attempts' });
    expect(await timeline.ariaSnapshot()).toMatch(/key [0-9a-f]{4}[^]*response lost[^]*replayed/);
    // The bars tell nothing more, and are not read out.
    const drawn = timeline.locator(':is(.legend, .attempts .track, .axis)');
    expect(await drawn.count()).toBe(4);
    expect(await drawn.and(page.locator(':not([aria-hidden="true"])')).count()).toBe(0);
  });

  it.each([
    ['a desk', { viewport: { width: 1_280, height: 800 } }, '.switch, .ledger, .timeline'],
    ['a phone', { viewport: { width: 360, height: 740 } }, '.switch'],
  ])('nothing moves when attempts are added, on %s', async (_, screen, still) => {
    const { freshKeys, loseNext, doubleClick, pay, page, ...checkout } = await setup.open(screen);
    const before = await topsOf(page, still);
    expect(before.length).toBeGreaterThanOrEqual(4);
    await doubleClick.click();
    await checkout.expectOutcome(/^Paid.* 2 attempts, 1 key, 1 payment/);
    expect(await topsOf(page, still)).toEqual(before);
    await checkout.reference.fill(`${setup.reference} ${'and-so-on'.repeat(13)}`);
    await freshKeys.check();
    await loseNext.check();
    await pay.click();
    await checkout.expectOutcome(/^Paid.* 2 attempts, 2 keys, 2 payments/);
    expect(await topsOf(page, still)).toEqual(before);
    await checkout.storeAway.click();
    await page.getByText('It is away').waitFor();
    await checkout.amount.fill('3');
    await pay.click();
    await checkout.expectFirstAttempt(/rejected/);
    expect(await topsOf(page, still)).toEqual(before);
  });
});
