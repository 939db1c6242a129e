import { booksOf, keysOf, paymentsFor, topsOf } from './checkout-page.js';
import { setUpCheckout } from './checkout-setup.js';

const KEPT = 'It is kept in this browser, and sent again when there is a network.';
const NO_NETWORK = /net::ERR_INTERNET_DISCONNECTED/;

describe('the checkout page without a network', () => {
  const setup = setUpCheckout();
  type Checkout = Awaited<ReturnType<typeof setup.open>>;

  /** Ends the way to the API, as if there were no network; the page can still be loaded. */
  async function cut({ page }: Checkout): Promise<void> {
    setup.expectProblems(NO_NETWORK);
    await page.route(setup.server.url, (route) => route.abort('internetdisconnected'));
  }
  const mend = ({ page }: Checkout): Promise<void> => page.unrouteAll();

  /** Presses Pay, and waits until the client has given up. */
  async function payInVain({ pay, expectOutcome }: Checkout): Promise<void> {
    await pay.click();
    await expectOutcome(/^This payment may have been made\. No answer came\. Retry safely/);
    await expectOutcome(KEPT);
  }

  it('pays once and says so when Pay was pressed, the page was reloaded, and the network is back', async () => {
    const checkout = await setup.open();
    const { page, expectOutcome } = checkout;
    await cut(checkout);
    await payInVain(checkout);
    await page.reload();
    await expectOutcome('This payment may have been made. Retry safely');
    await expectOutcome(KEPT);
    expect(await paymentsFor(setup.server, setup.reference)).toBe(0);
    await mend(checkout);
    await expectOutcome(/^Paid €12\.50\..* 1 key, 1 payment$/);
    const attempts = await checkout.attempts();
    expect(attempts.at(-1)?.steps).toBe('sent → executed');
    expect(keysOf(attempts)).toHaveLength(1);
    expect(await paymentsFor(setup.server, setup.reference)).toBe(1);
    await checkout.startOver.waitFor({ state: 'detached' });
  });

  it('ends the intent with the outcome that came later: Pay is another payment then', async () => {
    const checkout = await setup.open();
    const { page, pay, expectOutcome, expectAttempts } = checkout;
    await cut(checkout);
    await payInVain(checkout);
    await page.reload();
    await expectOutcome(KEPT);
    await mend(checkout);
    await expectOutcome(/^Paid €12\.50\..* 1 payment$/);
    const [first] = await checkout.attempts();
    // The second click of a double click belongs to the first payment.
    await page.waitForTimeout(500);
    await pay.click();
    const [second] = await expectAttempts('sent → executed');
    expect(second?.key).not.toBe(first?.key);
    await page.reload();
    await expectAttempts('sent → executed');
    expect([await checkout.outcome.innerText(), await checkout.startOver.count()]).toEqual(['', 0]);
    expect(await paymentsFor(setup.server, setup.reference)).toBe(2);
  });

  it('tells what became of a payment from a tab that was closed', async () => {
    const checkout = await setup.open();
    await cut(checkout);
    await payInVain(checkout);
    const tab = await checkout.page.context().newPage();
    await checkout.page.close();
    await tab.goto(`${setup.server.url}checkout`);
    await tab.getByRole('status').filter({ hasText: 'Paid €12.50.' }).waitFor();
    expect(await paymentsFor(setup.server, setup.reference)).toBe(1);
  });

  it('pays each of two that were kept once, the oldest first, and ends both intents', async () => {
    const checkout = await setup.open();
    const { amount, page, expectOutcome } = checkout;
    await cut(checkout);
    await payInVain(checkout);
    await amount.fill('3');
    await payInVain(checkout);
    await page.reload();
    await expectOutcome(KEPT);
    await mend(checkout);
    await expectOutcome('Paid €3.00.');
    await checkout.startOver.waitFor({ state: 'detached' });
    const { payments } = await booksOf(setup.server);
    const paid = payments.filter(({ reference }) => reference === setup.reference);
    // The newest first.
    expect(paid.map((payment) => payment.amount)).toEqual([300, 1_250]);
  });

  it('does not send what was given up for a new key', async () => {
    const checkout = await setup.open();
    const { outcome, page, pay, startOver, expectOutcome } = checkout;
    await cut(checkout);
    await payInVain(checkout);
    await startOver.click();
    await startOver.waitFor({ state: 'detached' });
    expect(await outcome.innerText()).toBe('');
    await mend(checkout);
    await page.reload();
    await pay.click();
    await expectOutcome('Paid €12.50. 1 attempt, 1 key, 1 payment');
    expect(await paymentsFor(setup.server, setup.reference)).toBe(1);
  });

  it('keeps nothing while every attempt has a new key', async () => {
    const checkout = await setup.open();
    const { freshKeys, outcome, page, pay, expectOutcome } = checkout;
    await cut(checkout);
    await freshKeys.check();
    await pay.click();
    await expectOutcome('This payment may have been made. No answer came.');
    expect(await outcome.innerText()).not.toContain(KEPT);
    await mend(checkout);
    await page.reload();
    await expectOutcome('This payment may have been made.');
    await pay.click();
    await expectOutcome('Paid €12.50');
    expect(await paymentsFor(setup.server, setup.reference)).toBe(1);
  });

  it('does not move when a payment is kept', async () => {
    const checkout = await setup.open({ viewport: { width: 1_280, height: 800 } });
    const still = '.switch, .ledger, .timeline';
    const before = await topsOf(checkout.page, still);
    await cut(checkout);
    await payInVain(checkout);
    await checkout.startOver.waitFor();
    expect(await topsOf(checkout.page, still)).toEqual(before);
  });
});
