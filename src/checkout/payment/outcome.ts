import { CombinedGraphQLErrors } from '@apollo/client/errors';
import type { CreatePaymentMutation } from '../generated/graphql.js';
import { formatEuros } from './money.js';

/** The page's knowledge of the last payment. */
export interface PaymentKnowledge {
  readonly loading: boolean;
  readonly data: CreatePaymentMutation | null | undefined;
  readonly error: Error | undefined;
  readonly replayed: boolean;
  readonly unsettled: boolean;
  /** The number of its payments in the ledger; undefined if not known. */
  readonly payments: number | undefined;
  /** Whether the form still holds what the unsettled payment is for. */
  readonly isSameOrder: boolean;
}

/** One line about it. */
export interface Outcome {
  readonly tone: 'quiet' | 'good' | 'doubt' | 'bad';
  readonly title: string;
  readonly text: string;
}

const UNSETTLED = 'This payment may have been made.';
const SAME_KEY = 'Retry safely: Pay sends the same key.';
const OTHER_KEY = 'The form has changed since: Pay makes another payment.';

/** Says how the last payment stands; undefined if there was none. */
export function outcomeOf(payment: PaymentKnowledge): Outcome | undefined {
  const { loading, data, error, replayed, unsettled, payments = 1, isSameOrder } = payment;
  if (loading) return { tone: 'quiet', title: 'Paying…', text: '' };
  const result = error === undefined ? data?.createPayment : undefined;
  // An answer is shown, although its record may not be stored yet.
  if (unsettled && result === undefined) {
    const text = `${reasonOf(error)}${isSameOrder ? SAME_KEY : OTHER_KEY}`;
    return { tone: 'doubt', title: UNSETTLED, text };
  }
  if (error !== undefined) return { tone: 'bad', title: 'Not paid.', text: error.message };
  if (result === undefined) return undefined;
  if (result.__typename === 'PaymentDeclined') {
    const text = `${result.message} Nothing was moved.`;
    return { tone: 'bad', title: replayed ? 'Declined, as before.' : 'Declined.', text };
  }
  const amount = formatEuros(result.amount);
  if (payments > 1)
    return { tone: 'bad', title: `Paid ${amount} ${String(payments)} times.`, text: '' };
  return replayed
    ? { tone: 'good', title: `Paid ${amount} once.`, text: 'This answer was replayed.' }
    : { tone: 'good', title: `Paid ${amount}.`, text: '' };
}

function reasonOf(error: Error | undefined): string {
  if (error === undefined) return '';
  const code = CombinedGraphQLErrors.is(error) ? error.errors[0]?.extensions?.['code'] : undefined;
  return typeof code === 'string' ? `${code}: ${error.message} ` : 'No answer came. ';
}
