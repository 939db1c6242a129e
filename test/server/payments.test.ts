import type { Client } from '../client/client.js';
import {
  CreatePaymentDocument,
  PaymentDocument,
  PaymentsDocument,
  RefundPaymentDocument,
  RenameAccountDocument,
  ViewerDocument,
} from '../client/generated/graphql.js';
import type { Account, CreatePaymentInput } from '../client/generated/schema.js';
import { ORDER, startPayments, type TestPaymentsServer } from './start.js';

describe('the payments server, through its generated client', () => {
  let server: TestPaymentsServer;
  let alice: Client;
  let bob: Client;

  beforeEach(async () => {
    server = await startPayments();
    alice = server.as('alice');
    bob = server.as('bob');
  });
  afterEach(() => server.stop());

  async function balanceOf(client: Client, currency: Account['currency'] = 'EUR'): Promise<number> {
    const { data } = await client.send(ViewerDocument, {});
    return data?.viewer.accounts.find((account) => account.currency === currency)?.balance ?? NaN;
  }

  async function pay(
    client: Client,
    key: string,
    input: CreatePaymentInput = ORDER,
  ): Promise<string> {
    const { data, errors } = await client.send(CreatePaymentDocument, { input, key });
    expect(errors).toEqual([]);
    if (data?.createPayment.__typename !== 'Payment') throw new Error('It was declined.');
    return data.createPayment.id;
  }

  it('pays once for one key, and moves the money once', async () => {
    const first = await alice.send(CreatePaymentDocument, { input: ORDER, key: 'k1' });
    const second = await alice.send(CreatePaymentDocument, { input: ORDER, key: 'k1' });
    expect(first.data?.createPayment).toMatchObject({
      __typename: 'Payment',
      ...ORDER,
      reference: null,
      status: 'COMPLETED',
      refunds: [],
    });
    expect(second.data).toEqual(first.data);
    expect([first.replayed, second.replayed]).toEqual([false, true]);
    expect(second.extensions?.idempotency?.['createPayment']?.status).toBe('replayed');
    expect(await balanceOf(alice)).toBe(1_000_000 - 1_250);
    expect(await balanceOf(bob)).toBe(1_000_000 + 1_250);
  });

  it('pays once for many requests at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        alice.send(CreatePaymentDocument, { input: ORDER, key: 'k1' }),
      ),
    );
    expect(new Set(answers.map(({ data }) => JSON.stringify(data))).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await balanceOf(alice)).toBe(1_000_000 - 1_250);
  });

  it('declines, and replays that it did, although it could pay by then', async () => {
    const input = { ...ORDER, amount: 1_000_001 };
    const first = await alice.send(CreatePaymentDocument, { input, key: 'k1' });
    expect(first.data?.createPayment).toMatchObject({
      __typename: 'PaymentDeclined',
      reason: 'INSUFFICIENT_FUNDS',
    });
    await pay(bob, 'k1', { ...ORDER, from: ORDER.to, to: ORDER.from });
    const second = await alice.send(CreatePaymentDocument, { input, key: 'k1' });
    expect(second.data).toEqual(first.data);
    expect(second.replayed).toBe(true);
    for (const [change, reason] of [
      [{ to: ORDER.from }, 'SAME_ACCOUNT'],
      [{ currency: 'USD' }, 'CURRENCY_MISMATCH'],
    ] as const) {
      const declined = await alice.send(CreatePaymentDocument, {
        input: { ...ORDER, ...change },
        key: reason,
      });
      expect(declined.data?.createPayment).toMatchObject({ reason });
    }
  });

  it('keeps two callers with one key apart', async () => {
    const mine = await pay(alice, 'k1');
    const theirs = await pay(bob, 'k1', { ...ORDER, from: ORDER.to, to: ORDER.from });
    expect(mine).not.toBe(theirs);
    expect((await bob.send(PaymentDocument, { id: mine })).data).toEqual({ payment: null });
    expect((await alice.send(PaymentDocument, { id: mine })).data?.payment?.id).toBe(mine);
  });

  it('refunds once for one key, and never more than was paid', async () => {
    const paymentId = await pay(alice, 'k1');
    const input = { paymentId, amount: 250 };
    const first = await alice.send(RefundPaymentDocument, { input, key: 'r1' });
    const second = await alice.send(RefundPaymentDocument, { input, key: 'r1' });
    expect(first.data?.refundPayment).toMatchObject({ paymentId, amount: 250, currency: 'EUR' });
    expect(second.data).toEqual(first.data);
    expect(await balanceOf(alice)).toBe(1_000_000 - 1_000);
    const tooMuch = { input: { paymentId, amount: 1_001 }, key: 'r2' };
    const refused = await alice.send(RefundPaymentDocument, tooMuch);
    expect(refused.errors[0]?.extensions.code).toBe('REFUND_EXCEEDS_PAYMENT');
    const again = await alice.send(RefundPaymentDocument, tooMuch);
    expect(again.errors[0]?.message).toBe(refused.errors[0]?.message);
    expect(again.replayed).toBe(true);
    await alice.send(RefundPaymentDocument, { input: { paymentId }, key: 'r3' });
    const { data } = await alice.send(PaymentDocument, { id: paymentId });
    expect(data?.payment).toMatchObject({
      status: 'REFUNDED',
      refunds: [{ amount: 250 }, { amount: 1_000 }],
    });
    expect(await balanceOf(alice)).toBe(1_000_000);
  });

  it('replays a payment as it was answered, whatever became of it since', async () => {
    const first = await alice.send(CreatePaymentDocument, { input: ORDER, key: 'k1' });
    if (first.data?.createPayment.__typename !== 'Payment') throw new Error('It was declined.');
    const input = { paymentId: first.data.createPayment.id };
    await alice.send(RefundPaymentDocument, { input, key: 'r1' });
    const second = await alice.send(CreatePaymentDocument, { input: ORDER, key: 'k1' });
    expect(second.data).toEqual(first.data);
  });

  it('lists the caller’s payments, newest first, in pages', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.unshift(await pay(alice, `k${String(index)}`));
    await pay(bob, 'k1', { ...ORDER, from: ORDER.to, to: ORDER.from });
    const first = await alice.send(PaymentsDocument, { first: 3 });
    expect(first.data?.payments.nodes.map(({ id }) => id)).toEqual(ids.slice(0, 3));
    expect(first.data?.payments).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: true } });
    const after = first.data?.payments.pageInfo.endCursor ?? null;
    const second = await alice.send(PaymentsDocument, { first: null, after });
    expect(second.data?.payments.nodes.map(({ id }) => id)).toEqual(ids.slice(3));
    expect(second.data?.payments.pageInfo.hasNextPage).toBe(false);
    for (const variables of [{ first: 0 }, { first: 101 }, { after: 'nonsense' }]) {
      const refused = await alice.send(PaymentsDocument, variables);
      expect(refused.errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    }
  });

  it('renames accounts without any key', async () => {
    const variables = { id: 'acct_alice_eur', name: 'Savings' };
    const renamed = await alice.send(RenameAccountDocument, variables);
    expect(renamed.data?.renameAccount).toEqual({ id: 'acct_alice_eur', name: 'Savings' });
    expect(renamed.extensions).toBeUndefined();
    const padded = await alice.send(RenameAccountDocument, { ...variables, name: ' Savings ' });
    expect(padded.errors[0]?.message).toContain('no space at its ends');
    const stolen = await bob.send(RenameAccountDocument, variables);
    expect(stolen.errors[0]?.message).toBe('You have no account "acct_alice_eur".');
  });
});
