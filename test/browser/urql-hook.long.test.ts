import { until } from '../support/until.js';
import { setUpHook } from './hook-setup.js';

describe.each([
  ['5, React 19', '19', []],
  ['4, React 18', '18', ['react@18.3.1', 'react-dom@18.3.1', 'urql@4.2.2', '@urql/core@5.2.0']],
])('useIdempotentMutation of urql %s', (_, major, packages) => {
  const setup = setUpHook('urql-hook-page.tsx', packages);
  const { on, render, state, pay, keyCount, cutNext } = setup;

  it('sends one key for a double click, and says that the second answer is a replay', async () => {
    await render({ pay: {} });
    expect(await on((hookPage) => hookPage.reactVersion)).toMatch(new RegExp(`^${major}\\.`));
    await on(async (hookPage) => {
      await Promise.all([hookPage.call('pay', 5), hookPage.call('pay', 5)]);
    });
    // Whichever came first: waitMs is 0, so the other one may have been refused.
    await pay();
    expect(await keyCount()).toBe(1);
    expect(setup.bank.effects).toEqual(['pay 5']);
    expect(await state()).toMatchObject({
      data: { pay: { amount: 5 } },
      replayed: true,
      unsettled: false,
    });
  });

  it('keeps the key if the request or its answer is lost, also for a component that was rendered anew', async () => {
    await render({ pay: {} });
    await cutNext();
    expect(await pay()).toEqual({ error: '[Network] Failed to fetch' });
    expect(await state()).toMatchObject({ loading: false, unsettled: true });
    await render({ pay: {}, other: {} });
    expect(await pay()).toMatchObject({ pay: { amount: 5 } });
    expect(await keyCount()).toBe(1);
    expect((await state())?.unsettled).toBe(false);
  });

  it('starts a new intent after an outcome, and does not pay a third time for 5, 6 and 5', async () => {
    await render({ pay: { doubleClickMs: 0 }, other: { doubleClickMs: 10_000 } });
    await pay();
    await pay();
    expect(setup.bank.effects).toEqual(['pay 5', 'pay 5']);
    await on(async (hookPage) => {
      for (const amount of [5, 6, 5]) await hookPage.call('other', amount);
    });
    expect(setup.bank.effects).toEqual(['pay 5', 'pay 5', 'pay 5', 'pay 6']);
  });

  it.each([
    ['payWithReceipt', 'receipt'],
    ['payWithProof', 'proof'],
  ] as const)('pays once if a field below fails: %s', async (document, field) => {
    await render({ pay: { document, doubleClickMs: 0 } });
    setup.bank.breakNext(field);
    await pay();
    expect((await state())?.unsettled).toBe(true);
    await pay();
    expect(setup.bank.effects).toEqual(['pay 5']);
    expect(await state()).toMatchObject({ unsettled: false, replayed: true });
  });

  it('keeps the key if the result is a null that the schema does not allow', async () => {
    await render({ pay: { document: 'payNothing', doubleClickMs: 0 } });
    await on((hookPage) => hookPage.call('pay'));
    await on((hookPage) => hookPage.call('pay'));
    expect(setup.bank.effects).toEqual(['nothing']);
    expect((await state())?.unsettled).toBe(true);
  });

  it('takes an error that was recorded for an outcome, and no other', async () => {
    await render({ pay: { doubleClickMs: 0 } });
    expect(await on((it) => it.call('pay', 13))).toEqual({ error: '[GraphQL] Unlucky.' });
    expect((await state())?.unsettled).toBe(false);
    await on((it) => it.call('pay', 500));
    expect((await state())?.unsettled).toBe(true);
  });

  it('shows the latest call, and not what comes late for an earlier one', async () => {
    await render({ pay: { doubleClickMs: 0 } });
    setup.bank.close('pay');
    await on((hookPage) => {
      hookPage.callAndForget('pay', 5);
    });
    await until(() => setup.bank.effects.length === 1);
    // Refused, because the first one still runs.
    await pay();
    const seen = await state();
    setup.bank.open();
    await new Promise((done) => setTimeout(done, 200));
    expect(await state()).toEqual(seen);
    expect(seen).toMatchObject({ unsettled: true, loading: false });
    await pay();
    expect(setup.bank.effects).toEqual(['pay 5']);
    expect(await state()).toMatchObject({ unsettled: false, replayed: true });
  });

  it('keeps the key if the component had left before the answer came, for when it is back', async () => {
    await render({ pay: { storageKey: 'shop', doubleClickMs: 0 } });
    setup.bank.close('pay');
    await on((hookPage) => {
      hookPage.callAndForget('pay', 5);
    });
    await until(() => setup.bank.effects.length === 1);
    await render({});
    setup.bank.open();
    await new Promise((done) => setTimeout(done, 200));
    await render({ pay: { storageKey: 'shop', doubleClickMs: 0 } });
    expect((await state())?.unsettled).toBe(true);
    await pay();
    expect(setup.bank.effects).toEqual(['pay 5']);
  });

  it('goes on after a reload, also in a page that a server has rendered', async () => {
    await render({ pay: { storageKey: 'shop' } });
    await cutNext();
    await pay();
    const [before] = await on((hookPage) => hookPage.keys());
    await setup.page.reload();
    await setup.page.waitForFunction('globalThis.hookPage !== undefined');
    await on((hookPage) => hookPage.hydrate({ storageKey: 'shop' }));
    expect(await setup.page.locator('#root').innerText()).toBe('Try again');
    await pay();
    expect(await on((hookPage) => hookPage.keys())).toEqual([before]);
    expect((await state())?.unsettled).toBe(false);
  });

  it('sends the key of the caller, and forgets its intents when it is told to start over', async () => {
    await render({ pay: {} });
    await on((hookPage) => hookPage.call('pay', 8, { idempotencyKey: 'of-the-call' }));
    await cutNext();
    await pay();
    await on((hookPage) => {
      hookPage.startOver('pay');
    });
    expect((await state())?.unsettled).toBe(false);
    await pay();
    const [first, ...others] = await on((hookPage) => hookPage.keys());
    expect([first, new Set(others).size]).toEqual(['of-the-call', 2]);
  });
});
