import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { isReplay } from '../../client/index.js';
import type { Attempts } from '../attempts/attempt-log.js';
import { outcomeOf, type PaymentKnowledge } from '../payment/outcome.js';
import type { LateAnswer, LatePayment } from './late-payment.js';

type CallKnowledge = Omit<PaymentKnowledge, 'payments' | 'isSameOrder'>;

/** The page's knowledge of the last payment, from its call or from the queue. */
interface Sources {
  /** The state of the latest call. */
  readonly call: CallKnowledge;
  /** The payment that the queue sent last. */
  readonly late: LatePayment | undefined;
  readonly attempts: Attempts;
  /** Whether the browser keeps payments. */
  readonly isKeeping: boolean;
}

/** The knowledge to show, and a line of the queue's about this or another payment. */
interface Shown {
  readonly knowledge: CallKnowledge;
  readonly note: string | undefined;
  /** Whether the late answer is among what is shown: its intent is over then. */
  readonly isLateShown: boolean;
}

const KEPT = 'It is kept in this browser, and sent again when there is a network.';

/** Decides what is shown. An answer that came late waits for a call that is in flight for the same. */
export function shownOf({ call, late, attempts, isKeeping }: Sources): Shown {
  const last = attempts.purchases.at(-1)?.id;
  const answer = late?.answer;
  if (late !== undefined && (late.key !== last || answer === undefined)) {
    return { knowledge: call, note: noteOf(answer), isLateShown: true };
  }
  if (answer !== undefined && !call.loading && call.data == null) {
    return { knowledge: knowledgeOf(answer), note: undefined, isLateShown: true };
  }
  // A payment that was sent with other keys than its intent's has bypassed the queue.
  const sent = attempts.attempts.findLast(({ purchase }) => purchase === last);
  const isKept = isKeeping && sent !== undefined && sent.key === last;
  const isLeft = call.unsettled && !call.loading && call.data == null;
  return { knowledge: call, note: isKept && isLeft ? KEPT : undefined, isLateShown: false };
}

function knowledgeOf(answer: LateAnswer): CallKnowledge {
  const hasErrors = answer.errors !== undefined && answer.errors.length > 0;
  return {
    loading: false,
    data: answer.data,
    error: hasErrors ? new CombinedGraphQLErrors(answer) : undefined,
    replayed: isReplay(answer),
    unsettled: false,
  };
}

function noteOf(answer: LateAnswer | undefined): string {
  if (answer === undefined) {
    return 'An earlier payment is too old to be sent again. See in the ledger whether it was made.';
  }
  const outcome = outcomeOf({ ...knowledgeOf(answer), payments: undefined, isSameOrder: true });
  return `An earlier payment was sent: ${outcome?.title ?? ''}`;
}
