import { gql, type ApolloClient } from '@apollo/client';
import { IdempotencyLink } from '../../src/client/apollo/index.js';
import { shownAnswer, shownError } from '../../src/client/apollo/react/shown-answer.js';
import { endsIntent, type ShownAnswer } from '../../src/client/intent/ends-intent.js';
import { rootResponseKeys } from '../../src/client/core/root-fields.js';
import { MemoryStore } from '../../src/index.js';
import { startHttpServer, type HttpServer } from '../graphql/http.js';
import { faulty } from '../support/faulty-store.js';
import { createApolloClient } from './apollo-client.js';
import { createBank, documents, operations } from './bank.js';

describe('an answer of the server ends its intent', () => {
  let bank: ReturnType<typeof createBank>;
  let server: HttpServer;
  let apollo: ApolloClient;
  let away = false;

  beforeEach(async () => {
    away = false;
    bank = createBank();
    const store = faulty(new MemoryStore(), () => (away ? 'reject' : undefined));
    server = await startHttpServer(bank.schema, { store });
    const links = [new IdempotencyLink({ operations, attemptsMax: 1 })];
    ({ client: apollo } = createApolloClient(server.port, links));
  });
  afterEach(() => server.stop());

  /** Whether it does, under each policy that decides how errors come. */
  async function ends(
    call: ApolloClient.MutateOptions,
    before: () => void = () => undefined,
  ): Promise<Record<string, boolean>> {
    const verdicts: Record<string, boolean> = {};
    for (const errorPolicy of ['none', 'all', 'ignore'] as const) {
      before();
      const shown = await apollo.mutate({ ...call, errorPolicy }).then(
        (answer) => shownAnswer(answer, errorPolicy),
        (error: unknown) => shownError(error),
      );
      verdicts[errorPolicy] = endsIntent(shown, { rootKeys: rootResponseKeys(call.mutation) });
    }
    return verdicts;
  }

  const everywhere = (value: boolean): object => ({ none: value, all: value, ignore: value });
  const whereShown = { none: true, all: true, ignore: false };
  const pay = (amount: number, idempotencyKey?: string): ApolloClient.MutateOptions => ({
    mutation: documents.pay,
    variables: { amount },
    context: { idempotencyKey },
  });
  const payOrNull = (amount: number): ApolloClient.MutateOptions => ({
    mutation: gql`
      mutation PayOrNull($amount: Int!, $key: String) {
        payOrNull(amount: $amount, idempotencyKey: $key) {
          id
        }
      }
    `,
    variables: { amount, key: `k${String(amount)}` },
  });

  it('with a result, and with its replay', async () => {
    expect(await ends(pay(1, 'k1'))).toEqual(everywhere(true));
    expect(await ends(payOrNull(1))).toEqual(everywhere(true));
    expect(bank.effects).toHaveLength(2);
  });

  it('with an error that was recorded, where the policy shows errors', async () => {
    expect(await ends(pay(13, 'k1'))).toEqual(whereShown);
    expect(await ends(payOrNull(13))).toEqual(whereShown);
    expect(bank.effects).toHaveLength(2);
  });

  it('not with an error that nobody recorded', async () => {
    expect(await ends(pay(500))).toEqual(everywhere(false));
    expect(await ends(payOrNull(500))).toEqual(everywhere(false));
  });

  it('not with an error below a recorded result, whichever policy hides which of them', async () => {
    const call = { mutation: documents.payWithReceipt, variables: { amount: 1 } };
    const verdicts = await ends(call, () => {
      bank.breakNext('receipt');
    });
    // The policy that ignores errors shows the payment, and nothing else.
    expect(verdicts).toEqual({ none: false, all: false, ignore: true });
  });

  it('not with an error below a recorded result that took the result away', async () => {
    const call = { mutation: documents.payWithProof, variables: { amount: 1 } };
    const verdicts = await ends(call, () => {
      bank.breakNext('proof');
    });
    expect(verdicts).toEqual(everywhere(false));
  });

  it('not with an error of the executor, which does not allow the recorded null', async () => {
    expect(await ends({ mutation: documents.payNothing })).toEqual(everywhere(false));
    expect(bank.effects).toHaveLength(3);
  });

  it('not with a refusal', async () => {
    await apollo.mutate(pay(1, 'k1'));
    expect(await ends(pay(2, 'k1'))).toEqual(everywhere(false));
    away = true;
    expect(await ends(pay(3))).toEqual(everywhere(false));
    away = false;
    expect(bank.effects).toEqual(['pay 1']);
  });

  it('not where an error hides the result of another mutation', async () => {
    const both = (ok: number, other: number): ApolloClient.MutateOptions => ({
      mutation: documents.payBoth,
      variables: { ok, other },
    });
    expect(await ends(both(1, 2))).toEqual(everywhere(true));
    // With the error of the first, the policy "none" hides the result of the second.
    expect(await ends(both(13, 2))).toEqual({ none: false, all: true, ignore: false });
    expect(await ends(both(500, 2))).toEqual(everywhere(false));
    // The second may not be null, so that its error takes the result of the first away.
    expect(await ends(both(1, 13))).toEqual(everywhere(false));
    expect(await ends(both(1, 500))).toEqual(everywhere(false));
  });

  it('where mutations that were skipped have no report, but not where they may have run', async () => {
    const mutation = gql`
      mutation Choose($booked: Boolean!) {
        payOrNull(amount: 1) {
          id
        }
        book(amount: 2) @include(if: $booked) {
          id
        }
      }
    `;
    const links = [new IdempotencyLink({ isIdempotent: () => true, attemptsMax: 1 })];
    ({ client: apollo } = createApolloClient(server.port, links));
    expect(await ends({ mutation, variables: { booked: false } })).toEqual(everywhere(true));
  });

  it('not with an error that belongs to no mutation', async () => {
    expect(await ends({ ...pay(1), variables: { amount: 'five' } })).toEqual(everywhere(false));
  });

  it('not when the server cannot be reached', async () => {
    await server.stop();
    expect(await ends(pay(1))).toEqual(everywhere(false));
    server = await startHttpServer(bank.schema);
  });
});

describe('an answer ends its intent', () => {
  const report = (said: object): ShownAnswer => ({ extensions: { idempotency: { pay: said } } });
  const executed = report({ status: 'executed', attempt: 1 });
  const data = { pay: { id: '1' } };
  const rootKeys = ['pay'];

  it('if the report says that its null is the outcome', () => {
    expect(endsIntent({ ...executed, data: { pay: null } }, { rootKeys })).toBe(true);
  });

  it('not if the store does not have the outcome yet', () => {
    const unstored = report({ status: 'executed', attempt: 1, stored: false });
    expect(endsIntent({ ...unstored, data }, { rootKeys })).toBe(false);
  });

  it('not if it is not the error that was recorded', () => {
    const failed = report({ status: 'replayed', attempt: 1, error: true });
    for (const errors of [[], [{}], [{ path: null }], [{ path: [] }], [{ path: ['pay', 'id'] }]]) {
      expect(endsIntent({ ...failed, errors, data: { pay: null } }, { rootKeys })).toBe(false);
    }
    expect(endsIntent({ ...failed, errors: [{ path: ['pay'] }] }, { rootKeys })).toBe(true);
    const errors = [{ path: ['pay'] }, { path: ['toString'] }];
    expect(endsIntent({ ...failed, errors }, { rootKeys })).toBe(false);
  });

  it('not if there is another mutation that nobody reports about, and that may have failed', () => {
    const both = { rootKeys: ['pay', 'book'] };
    expect(endsIntent({ ...executed, data: { ...data, book: null } }, both)).toBe(false);
    expect(endsIntent({ ...executed, data: { ...data, book: 1 } }, both)).toBe(true);
    expect(endsIntent({ ...executed, data }, both)).toBe(true);
    const failed = report({ status: 'executed', attempt: 1, error: true });
    expect(endsIntent({ ...failed, errors: [{ path: ['pay'] }] }, both)).toBe(false);
  });

  it.each([
    [{}],
    [{ extensions: null }],
    [{ extensions: { idempotency: null } }],
    [{ extensions: { idempotency: {} } }],
    [{ extensions: { idempotency: { pay: { status: 'settled' } } } }],
  ])('not without a report: %j', (answer) => {
    expect(endsIntent({ ...answer, data }, { rootKeys })).toBe(false);
  });

  it('without a report only where the caller takes its word for it, and if it is complete', () => {
    const rules = { rootKeys, withoutReport: true };
    expect(endsIntent({ data }, rules)).toBe(true);
    expect(endsIntent({ data: { pay: null } }, rules)).toBe(false);
    expect(endsIntent({ data, errors: [{ path: ['pay', 'receipt'] }] }, rules)).toBe(false);
    expect(endsIntent({ errors: [{ path: ['pay'] }] }, rules)).toBe(false);
    for (const nothing of [undefined, null, 5, {}, []]) {
      expect(endsIntent({ data: nothing }, { withoutReport: true })).toBe(false);
    }
  });
});
