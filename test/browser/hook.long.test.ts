import { until } from '../support/until.js';
import type { HookPage } from './hook-page.js';
import { setUpHook } from './hook-setup.js';

interface HookWindow {
  readonly hookPage: HookPage;
}

describe.each([
  ['19', []],
  ['18', ['react@18.3.1', 'react-dom@18.3.1']],
])('useIdempotentMutation of Apollo Client under React %s', (major, packages) => {
  const setup = setUpHook('hook-page.tsx', packages);
  const { on, render, state, pay, keyCount, cutNext } = setup;

  it('is tried with that version', async () => {
    await render({});
    expect(await on((hookPage) => hookPage.reactVersion)).toMatch(new RegExp(`^${major}\\.`));
  });

  it('sends one key for a double click, and says that the second answer is a replay', async () => {
    await render({ pay: {} });
    await on(async (hookPage) => {
      await Promise.all([hookPage.call('pay', 5), hookPage.call('pay', 5)]);
    });
    // Whichever came first: waitMs is 0, so the other one may have been refused.
    await pay();
    expect(await on((hookPage) => hookPage.keys().length)).toBe(3);
    expect(await keyCount()).toBe(1);
    expect(setup.bank.effects).toEqual(['pay 5']);
    expect(await state()).toMatchObject({
      data: { pay: { amount: 5 } },
      replayed: true,
      unsettled: false,
    });
  });

  it('keeps the key over re-renders and errors, and its function over all renders', async () => {
    await render({ pay: {} });
    await cutNext();
    expect(await pay()).toEqual({ thrown: 'Failed to fetch' });
    expect(await state()).toMatchObject({ error: 'Failed to fetch', unsettled: true });
    await render({ pay: { doubleClickMs: 500 }, other: {} });
    expect(await pay()).toMatchObject({ pay: { amount: 5 } });
    expect(await keyCount()).toBe(1);
    expect(await state()).toMatchObject({ unsettled: false, replayed: false });
    expect(await on((hookPage) => hookPage.functions('pay'))).toBe(1);
  });

  it('keeps the key when the server refuses for now', async () => {
    await render({ pay: {} });
    setup.bank.close('pay');
    await on((hookPage) => {
      hookPage.callAndForget('pay', 5);
    });
    await until(() => setup.bank.effects.length === 1);
    expect(await pay()).toEqual({ thrown: expect.stringContaining('still running') as string });
    expect(await state()).toMatchObject({ unsettled: true });
    setup.bank.open();
    await until(async () => JSON.stringify(await pay()).includes('"amount":5'));
    expect(await keyCount()).toBe(1);
    expect(setup.bank.effects).toEqual(['pay 5']);
  });

  it('starts a new intent after an outcome, and for other variables', async () => {
    await render({ pay: { doubleClickMs: 0 } });
    await pay();
    await pay();
    await on((hookPage) => hookPage.call('pay', 6));
    expect(await keyCount()).toBe(3);
    expect(setup.bank.effects).toEqual(['pay 5', 'pay 5', 'pay 6']);
  });

  it('pays twice for 5, then 6, then 5 again within a double click', async () => {
    await render({ pay: { doubleClickMs: 10_000 } });
    await on(async (hookPage) => {
      for (const amount of [5, 6, 5]) await hookPage.call('pay', amount);
    });
    expect(setup.bank.effects).toEqual(['pay 5', 'pay 6']);
    expect(await state()).toMatchObject({ data: { pay: { amount: 5 } }, replayed: true });
  });

  describe.each(['none', 'all', 'ignore'] as const)('with the error policy %s', (errorPolicy) => {
    const options = { doubleClickMs: 0, errorPolicy };
    // Whoever ignores errors is shown the payment, and so wants another one.
    const seenThrough = errorPolicy === 'ignore';

    it('pays once if a field of the payment fails', async () => {
      await render({ pay: { ...options, document: 'payWithReceipt' } });
      setup.bank.breakNext('receipt');
      await pay();
      expect((await state())?.unsettled).toBe(!seenThrough);
      await pay();
      expect(await keyCount()).toBe(seenThrough ? 2 : 1);
      expect(setup.bank.effects).toHaveLength(seenThrough ? 2 : 1);
      expect(await state()).toMatchObject({ unsettled: false, replayed: !seenThrough });
    });

    it('pays once if a field of the payment fails that may not be null', async () => {
      await render({ pay: { ...options, document: 'payWithProof' } });
      setup.bank.breakNext('proof');
      await pay();
      expect((await state())?.unsettled).toBe(true);
      await pay();
      expect(setup.bank.effects).toEqual(['pay 5']);
      expect(await state()).toMatchObject({ unsettled: false, replayed: true });
    });

    it('keeps the key if the result is a null that the schema does not allow', async () => {
      await render({ pay: { ...options, document: 'payNothing', variables: {} } });
      await on((hookPage) => hookPage.call('pay'));
      await on((hookPage) => hookPage.call('pay'));
      expect(setup.bank.effects).toEqual(['nothing']);
      expect((await state())?.unsettled).toBe(true);
    });

    it('keeps the key if the request or its answer is lost', async () => {
      await render({ pay: options });
      await cutNext();
      await pay();
      expect((await state())?.unsettled).toBe(true);
      await pay();
      expect(await keyCount()).toBe(1);
      expect((await state())?.unsettled).toBe(false);
    });

    it('keeps the key if the call was aborted although the server works on it', async () => {
      await render({ pay: options });
      setup.bank.close('pay');
      const abort = await setup.page.evaluateHandle(() =>
        (globalThis as unknown as HookWindow).hookPage.callAndAbort('pay', 5),
      );
      await until(() => setup.bank.effects.length === 1);
      await abort.evaluate((stop) => {
        stop();
      });
      await until(async () => (await state())?.loading === false);
      expect((await state())?.unsettled).toBe(true);
      setup.bank.open();
      await until(async () => JSON.stringify(await pay()).includes('"amount":5'));
      expect(await keyCount()).toBe(1);
      expect(setup.bank.effects).toEqual(['pay 5']);
    });
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
    await until(async () => (await on((hookPage) => hookPage.told().completed)) === 1);
    await render({ pay: { storageKey: 'shop', doubleClickMs: 0 } });
    expect((await state())?.unsettled).toBe(true);
    await pay();
    expect(setup.bank.effects).toEqual(['pay 5']);
    expect(await state()).toMatchObject({ unsettled: false, replayed: true });
  });

  it('ends the intent if the component leaves because of the answer', async () => {
    const options = { storageKey: 'shop', doubleClickMs: 0 };
    await render({ pay: { ...options, leavesWithAnswer: true } });
    await pay();
    await until(async () => (await setup.page.evaluate('sessionStorage.length')) === 0);
    await render({ pay: options });
    expect((await state())?.unsettled).toBe(false);
    await pay();
    expect(setup.bank.effects).toEqual(['pay 5', 'pay 5']);
  });

  it('keeps the key if the component was reset before the answer came', async () => {
    await render({ pay: { doubleClickMs: 0 } });
    setup.bank.close('pay');
    await on((hookPage) => {
      hookPage.callAndForget('pay', 5);
    });
    await until(() => setup.bank.effects.length === 1);
    await on((hookPage) => {
      hookPage.reset('pay');
    });
    setup.bank.open();
    await until(async () => (await on((hookPage) => hookPage.told().completed)) === 1);
    expect(await state()).toMatchObject({ data: undefined, unsettled: true });
    await pay();
    expect(setup.bank.effects).toEqual(['pay 5']);
  });

  it('takes over what a server has rendered, with the intent that the page had stored', async () => {
    await render({ pay: { storageKey: 'shop' } });
    await cutNext();
    await pay();
    const [before] = await on((hookPage) => hookPage.keys());
    await setup.page.reload();
    await setup.page.waitForFunction('globalThis.hookPage !== undefined');
    await on((hookPage) => hookPage.hydrate({ storageKey: 'shop' }));
    expect((await state())?.unsettled).toBe(true);
    expect(await setup.page.locator('#root').innerText()).toBe('Try again');
    await pay();
    expect(await on((hookPage) => hookPage.keys())).toEqual([before]);
    expect((await state())?.unsettled).toBe(false);
  });

  it('takes an error that was recorded for an outcome, and no other', async () => {
    await render({ pay: { doubleClickMs: 0, errorPolicy: 'all' }, strict: { doubleClickMs: 0 } });
    expect(await on((it) => it.call('pay', 13))).toEqual({ error: 'Unlucky.' });
    expect((await state())?.unsettled).toBe(false);
    expect(await on((it) => it.call('strict', 13))).toEqual({ thrown: 'Unlucky.' });
    expect(await on((it) => it.state('strict')?.unsettled)).toBe(false);
    await on((it) => it.call('pay', 500));
    expect((await state())?.unsettled).toBe(true);
    await on((it) => it.call('pay', 500));
    expect(await keyCount()).toBe(3);
  });

  it('forgets the intent when it is told to start over', async () => {
    await render({ pay: {} });
    await cutNext();
    await pay();
    await on((hookPage) => {
      hookPage.startOver('pay');
    });
    expect((await state())?.unsettled).toBe(false);
    await pay();
    expect(await keyCount()).toBe(2);
  });

  it('goes on after a reload where it has a storageKey, from the first render', async () => {
    await render({ pay: { storageKey: 'shop' }, other: {} });
    await cutNext();
    await pay();
    const [before] = await on((hookPage) => hookPage.keys());
    await setup.page.reload();
    await render({ pay: { storageKey: 'shop' }, other: {} });
    expect((await state())?.unsettled).toBe(true);
    expect(await on((hookPage) => hookPage.state('other')?.unsettled)).toBe(false);
    await pay();
    await on((hookPage) => hookPage.call('other', 5));
    const [same, other] = await on((hookPage) => hookPage.keys());
    expect(same).toBe(before);
    expect(other).not.toBe(before);
    expect(await setup.page.evaluate('sessionStorage.length')).toBe(0);
  });

  it('works where the page may store nothing', async () => {
    await setup.page.evaluate(`Storage.prototype.setItem = () => { throw new Error('Full.'); };`);
    await render({ pay: { storageKey: 'shop' } });
    await cutNext();
    await pay();
    await pay();
    expect(await keyCount()).toBe(1);
  });

  it('merges its variables and context with those of the call', async () => {
    await render({ pay: { variables: { amount: 7 }, context: { idempotencyKey: 'of-the-hook' } } });
    await on((hookPage) => hookPage.call('pay'));
    await on((hookPage) => hookPage.call('pay', 8, { idempotencyKey: 'of-the-call' }));
    expect(await on((hookPage) => hookPage.keys())).toEqual(['of-the-hook', 'of-the-call']);
    expect(setup.bank.effects).toEqual(['pay 7', 'pay 8']);
  });

  it('tells onCompleted and onError once for each call, and rejects nothing that nobody awaits', async () => {
    await render({ pay: {} });
    await cutNext();
    await on((hookPage) => {
      hookPage.callAndForget('pay', 5);
    });
    await until(async () => (await state())?.error !== undefined);
    await pay();
    expect(await on((hookPage) => hookPage.told())).toEqual({ completed: 1, failed: 1 });
  });

  it('may leave the page while a call is in flight', async () => {
    await render({ pay: {}, other: {} });
    setup.bank.close('pay');
    await on((hookPage) => {
      hookPage.callAndForget('pay', 5);
    });
    await until(() => setup.bank.effects.length === 1);
    await render({ other: {} });
    setup.bank.open();
    await until(async () => (await on((hookPage) => hookPage.told().completed)) === 1);
    expect(await on((hookPage) => hookPage.state('other'))).toMatchObject({ unsettled: false });
  });
});
