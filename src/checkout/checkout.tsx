import { useEffect, useState } from 'react';
import { useIdempotentMutation } from '../client/apollo/react/index.js';
import type { AttemptLog } from './attempts/attempt-log.js';
import { useAtom } from './atom.js';
import { CreatePaymentDocument } from './generated/graphql.js';
import { PAYER, type Ledger } from './payment/ledger.js';
import { LedgerView } from './payment/ledger-view.js';
import { FaultSwitches } from './faults/fault-switches.js';
import type { Faults } from './faults/faults.js';
import { shownOf } from './offline/later-outcome.js';
import type { PaymentQueue } from './offline/payment-queue.js';
import { FIRST_ORDER, orderStorage, parseOrder } from './payment/order.js';
import { outcomeOf } from './payment/outcome.js';
import { OutcomeView } from './payment/outcome-view.js';
import { PaymentForm } from './payment/payment-form.js';
import { Timeline } from './attempts/timeline.js';
import { verdictOf } from './payment/verdict.js';

const PAYEE = 'acct_bob_eur';
const orders = orderStorage();

interface CheckoutProps {
  readonly log: AttemptLog;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly queue: PaymentQueue;
}

/** The whole page. */
export function Checkout({ log, ledger, faults, queue }: CheckoutProps): React.ReactNode {
  const [order, setOrder] = useState(() => orders.read() ?? FIRST_ORDER);
  // The key survives a reload, and so does what it is for.
  const [pay, payment] = useIdempotentMutation(CreatePaymentDocument, { storageKey: 'checkout' });
  const attempts = useAtom(log.atom);
  const last = attempts.purchases.at(-1);
  const { amount, reference } = parseOrder(order);
  const late = useAtom(queue.late);
  const isKeeping = useAtom(queue.isKeeping);
  const { knowledge, note, isLateShown } = shownOf({ call: payment, late, attempts, isKeeping });
  const { settle } = payment;
  useEffect(() => {
    if (isLateShown && late?.answer !== undefined) settle(late.key, late.answer);
  }, [isLateShown, late, settle]);
  useEffect(() => {
    orders.write(order);
  }, [order]);

  function startOver(): void {
    payment.startOver();
    payment.reset();
    void queue.forget();
  }

  return (
    <>
      <section className="checkout" aria-labelledby="checkout">
        <h2 id="checkout">Alice pays Bob</h2>
        <PaymentForm
          order={order}
          onChange={setOrder}
          onPay={(cents, purpose) => {
            queue.late.set(undefined);
            const parties = { from: PAYER, to: PAYEE, currency: 'EUR' } as const;
            void pay({ variables: { input: { ...parties, amount: cents, reference: purpose } } });
          }}
        />
        <FaultSwitches faults={faults} />
      </section>
      <OutcomeView
        outcome={outcomeOf({
          ...knowledge,
          payments: last?.payments,
          isSameOrder: last?.amount === amount && last?.reference === reference,
        })}
        verdict={last && verdictOf(last, attempts)}
        note={note}
        onStartOver={payment.unsettled && !payment.loading ? startOver : undefined}
      />
      <LedgerView ledger={ledger} />
      <Timeline state={attempts} />
    </>
  );
}
