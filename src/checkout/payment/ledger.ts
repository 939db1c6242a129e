import type { ApolloClient } from '@apollo/client';
import { createAtom, type Atom } from '../atom.js';
import { LedgerDocument, type LedgerQuery } from '../generated/graphql.js';

/** The account of the payer on this page. */
export const PAYER = 'acct_alice_eur';

/** The state of the ledger. */
export interface LedgerState {
  /** In cents. */
  readonly balance: number;
  /** The total number of the payer's payments. */
  readonly totalCount: number;
  /** The last ones, newest first. */
  readonly payments: LedgerQuery['payments']['nodes'];
}

/** The bank's books, asked again after every attempt. */
export interface Ledger {
  /** Undefined until it has answered. */
  readonly atom: Atom<LedgerState | undefined>;
  /** Whether the last question went unanswered. */
  readonly isSilent: Atom<boolean>;
  /** Never rejects. */
  refresh(): Promise<void>;
}

/**
 * Creates one.
 *
 * @param onRead - told what the ledger says, each time
 */
export function createLedger(client: ApolloClient, onRead: (state: LedgerState) => void): Ledger {
  const atom = createAtom<LedgerState | undefined>(undefined);
  const isSilent = createAtom(false);
  let asked = 0;
  let shown = 0;

  return {
    atom,
    isSilent,
    async refresh() {
      const question = (asked += 1);
      const state = await ask(client);
      // An answer that was overtaken by a later one is older.
      if (question < shown) return;
      shown = question;
      isSilent.set(state === undefined);
      if (state === undefined) return;
      atom.set(state);
      onRead(state);
    },
  };
}

async function ask(client: ApolloClient): Promise<LedgerState | undefined> {
  try {
    const { data } = await client.query({
      query: LedgerDocument,
      variables: { account: PAYER },
      fetchPolicy: 'no-cache',
      // Two questions at once may have two answers: money moves between them.
      context: { queryDeduplication: false },
    });
    if (data?.account == null) return undefined;
    const { totalCount, nodes } = data.payments;
    return { balance: data.account.balance, totalCount, payments: nodes };
  } catch {
    return undefined;
  }
}
