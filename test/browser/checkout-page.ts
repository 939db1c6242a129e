import type { Locator, Page } from 'playwright-core';
import { createClient } from '../client/client.js';
import type { TestBrowser, Visit } from '../support/browser.js';
import type { ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';

/** One line of the timeline. */
export interface Attempt {
  /** The idempotency key that went over the wire. */
  readonly key: string;
  /** The steps of an attempt, with delays as "n": "sent → response lost → retry in n ms". */
  readonly steps: string;
}

type Steps = string | RegExp;

/** The checkout page, in the words of who uses it. */
export interface CheckoutPage {
  readonly page: Page;
  readonly visit: Visit;
  readonly amount: Locator;
  readonly reference: Locator;
  readonly pay: Locator;
  readonly doubleClick: Locator;
  readonly loseNext: Locator;
  readonly storeAway: Locator;
  readonly forgetNext: Locator;
  readonly freshKeys: Locator;
  readonly startOver: Locator;
  /** The text about the last payment. */
  readonly outcome: Locator;
  /** The attempts for the newest purchase, the oldest first. */
  readonly attempts: () => Promise<Attempt[]>;
  /** Waits until those attempts have gone like this. Returns them. */
  readonly expectAttempts: (...steps: readonly Steps[]) => Promise<Attempt[]>;
  /** The same for requests that were in flight at once: sorted by what became of them. */
  readonly expectAttemptsAtOnce: (...steps: readonly Steps[]) => Promise<Attempt[]>;
  /** Waits until the first of them has gone like this. */
  readonly expectFirstAttempt: (steps: Steps) => Promise<void>;
  /** Waits until it says this about the last payment. */
  readonly expectOutcome: (text: string | RegExp) => Promise<void>;
}

/** Opens the page of a server. Each test pays for something else and so does not see the others. */
export async function openCheckout(
  browser: TestBrowser,
  server: ServerProcess,
  options: Parameters<TestBrowser['visit']>[1] = {},
): Promise<CheckoutPage> {
  const visit = await browser.visit(`${server.url}checkout`, options);
  const { page } = visit;
  // Before the page has seen the ledger, it cannot count what a payment adds to it.
  await page.locator('.balance', { hasText: '€' }).waitFor();

  async function attempts(): Promise<Attempt[]> {
    const newest = page.locator('.purchases > li').first();
    const rows = await newest.locator('.attempts > li').all();
    return Promise.all(
      rows.map(async (row) => ({
        key: (await row.locator('.key').getAttribute('title')) ?? '',
        steps: (await row.locator('.steps > li').allInnerTexts())
          .join(' → ')
          .replace(/\s+/g, ' ')
          .replace(/\d+ ms/, 'n ms'),
      })),
    );
  }

  return {
    page,
    visit,
    amount: page.getByLabel('Amount in euros'),
    reference: page.getByLabel('Reference'),
    pay: page.getByRole('button', { name: 'Pay', exact: true }),
    doubleClick: page.getByRole('button', { name: 'Double-click for me' }),
    loseNext: page.getByRole('switch', { name: 'Lose the next response' }),
    storeAway: page.getByRole('switch', { name: 'Take Redis away' }),
    forgetNext: page.getByRole('switch', { name: 'Redis forgets everything' }),
    freshKeys: page.getByRole('switch', { name: 'A new key for every attempt' }),
    startOver: page.getByRole('button', { name: 'Start over with a new key' }),
    outcome: page.getByRole('status'),
    attempts,
    expectAttempts: (...steps) => expectLike(steps, attempts),
    expectAttemptsAtOnce: (...steps) =>
      expectLike(steps, async () => (await attempts()).sort(byText)),
    expectFirstAttempt: async (steps) => {
      await expectLike([steps], async () => (await attempts()).slice(0, 1));
    },
    expectOutcome: (text) => page.getByRole('status').filter({ hasText: text }).waitFor(),
  };
}

/** Looks until what `read` gives is like this. */
async function expectLike(
  steps: readonly Steps[],
  read: () => Promise<Attempt[]>,
): Promise<Attempt[]> {
  let found: Attempt[] = [];
  const isLike = async (): Promise<boolean> => {
    found = await read();
    return (
      found.length === steps.length &&
      found.every((attempt, index) => {
        const expected = steps[index];
        return expected instanceof RegExp
          ? expected.test(attempt.steps)
          : expected === attempt.steps;
      })
    );
  };
  await until(isLike).catch(() => {
    // So that the difference is told.
    expect(found.map((attempt) => attempt.steps)).toEqual(steps);
    throw new Error('It was too late.');
  });
  return found;
}

function byText(one: Attempt, other: Attempt): number {
  return one.steps < other.steps ? -1 : 1;
}

/** One bar of the timeline, in shares of its width. */
export interface Bar {
  /** The state of the attempt. */
  readonly state: string;
  readonly color: string;
  readonly from: number;
  readonly to: number;
}

/** The bars of the attempts for the newest purchase, as they are drawn, the oldest first. */
export function barsOf(page: Page): Promise<Bar[]> {
  return page.evaluate<Bar[]>(`
    [...document.querySelector('.purchases > li').querySelectorAll('.attempts .bar')].map((bar) => {
      const [track, drawn] = [bar.parentElement, bar].map((one) => one.getBoundingClientRect());
      const share = (x) => (x - track.left) / track.width;
      return {
        state: bar.dataset.state,
        color: getComputedStyle(bar).borderInlineStartColor,
        from: share(drawn.left),
        to: share(drawn.right),
      };
    })`);
}

/** The distance of everything that matches a selector from the top of the page, in pixels. */
export function topsOf(page: Page, selector: string): Promise<number[]> {
  return page.evaluate<number[]>(
    `[...document.querySelectorAll('${selector}')].map(
      (one) => one.getBoundingClientRect().top + scrollY)`,
  );
}

/** The keys of attempts, each once. */
export function keysOf(attempts: readonly Attempt[]): string[] {
  return [...new Set(attempts.map(({ key }) => key))];
}

/** The bank's books, asked without the page. */
export interface Books {
  readonly balance: number;
  readonly payments: readonly { readonly amount: number; readonly reference: string | null }[];
}

/** Reads them. */
export async function booksOf(server: ServerProcess): Promise<Books> {
  const { data } = await createClient(server.url, 'alice').post(
    `{ account(id: "acct_alice_eur") { balance }
       payments(first: 100) { nodes { amount reference } } }`,
  );
  const { account, payments } = data as {
    account: { balance: number };
    payments: { nodes: Books['payments'] };
  };
  return { balance: account.balance, payments: payments.nodes };
}

/** The number of payments with this reference. */
export async function paymentsFor(server: ServerProcess, reference: string): Promise<number> {
  return (await booksOf(server)).payments.filter((one) => one.reference === reference).length;
}
