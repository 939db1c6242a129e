import { gql, type ApolloClient } from '@apollo/client';
import { IdempotencyLink } from '../../src/client/index.js';
import { outcomeKnown } from '../../src/client/outcome-known.js';
import { MemoryStore } from '../../src/index.js';
import { startHttpServer, type HttpServer } from '../graphql/http.js';
import { faulty } from '../support/faulty-store.js';
import { createApolloClient } from './apollo-client.js';
import { createBank, documents, operations } from './bank.js';

describe('an outcome is known', () => {
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

  /** Whether it is, under each policy that decides how errors come. */
  async function known(call: ApolloClient.MutateOptions): Promise<Record<string, boolean>> {
    const verdicts: Record<string, boolean> = {};
    for (const errorPolicy of ['none', 'all', 'ignore'] as const) {
      verdicts[errorPolicy] = await apollo.mutate({ ...call, errorPolicy }).then(
        (answer) => outcomeKnown(answer),
        (error: unknown) => outcomeKnown({ error }),
      );
    }
    return verdicts;
  }

  const everywhere = (value: boolean): object => ({ none: value, all: value, ignore: value });
  const pay = (amount: number, idempotencyKey?: string): ApolloClient.MutateOptions => ({
    mutation: documents.pay,
    variables: { amount },
    context: { idempotencyKey },
  });

  it('after a result, and after its replay', async () => {
    expect(await known(pay(1, 'k1'))).toEqual(everywhere(true));
    expect(bank.effects).toHaveLength(1);
  });

  it('after an error that was recorded, where the policy shows errors', async () => {
    expect(await known(pay(13, 'k1'))).toEqual({ none: true, all: true, ignore: false });
    expect(bank.effects).toHaveLength(1);
  });

  it('not after an error that nobody recorded', async () => {
    expect(await known(pay(500))).toEqual(everywhere(false));
  });

  it('not after an error that nobody recorded beside an answer that may be null', async () => {
    const mutation = gql`
      mutation PayOrNull($amount: Int!, $key: String) {
        payOrNull(amount: $amount, idempotencyKey: $key) {
          id
        }
      }
    `;
    const payOrNull = (amount: number): ApolloClient.MutateOptions => ({
      mutation,
      variables: { amount, key: `k${String(amount)}` },
    });
    expect(await known(payOrNull(500))).toEqual(everywhere(false));
    expect(await known(payOrNull(13))).toEqual(everywhere(true));
    expect(await known(payOrNull(1))).toEqual(everywhere(true));
  });

  it('without a report, as behind a gateway, if there is an answer', () => {
    expect(outcomeKnown({ data: { pay: { id: '1' } } })).toBe(true);
    expect(outcomeKnown({ data: { pay: { id: '1' }, book: null } })).toBe(false);
    expect(outcomeKnown({ data: {} })).toBe(true);
    expect(outcomeKnown({})).toBe(false);
  });

  it('not after a refusal', async () => {
    await apollo.mutate(pay(1, 'k1'));
    expect(await known(pay(2, 'k1'))).toEqual(everywhere(false));
    away = true;
    expect(await known(pay(3))).toEqual(everywhere(false));
    away = false;
    expect(bank.effects).toEqual(['pay 1']);
  });

  it('not where one of two mutations has none', async () => {
    const both = (ok: number, other: number): ApolloClient.MutateOptions => ({
      mutation: documents.payBoth,
      variables: { ok, other },
    });
    expect(await known(both(1, 2))).toEqual(everywhere(true));
    expect(await known(both(13, 2))).toMatchObject({ none: true, all: true });
    expect(await known(both(500, 2))).toMatchObject({ none: false, all: false });
  });

  it('not after an error that belongs to no mutation', async () => {
    expect(await known({ ...pay(1), variables: { amount: 'five' } })).toEqual(everywhere(false));
  });

  it('not when the server cannot be reached', async () => {
    const nobody = createApolloClient(server.port, [new IdempotencyLink({ operations })]);
    await server.stop();
    const answer = nobody.client.mutate(pay(1)).catch((error: unknown) => ({ error }));
    expect(outcomeKnown(await answer)).toBe(false);
    server = await startHttpServer(bank.schema);
  });
});
