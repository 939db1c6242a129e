import { useId, useRef, useState, type SubmitEvent } from 'react';
import { parseOrder, REFERENCE_LENGTH_MAX, type Order } from './order.js';

interface PaymentFormProps {
  readonly order: Order;
  readonly onChange: (order: Order) => void;
  /** Called with cents, once for each time that the payment is asked for. */
  readonly onPay: (amount: number, reference: string | null) => void;
}

const AMOUNT_HINT = 'Above 0, such as 12.50.';
const AMOUNT_PROBLEM = 'Enter an amount above 0, such as 12.50.';

/**
 * The form. Its button stays enabled while a payment is in flight: a second click is what keys are
 * for.
 */
export function PaymentForm({ order, onChange, onPay }: PaymentFormProps): React.ReactNode {
  const id = useId();
  const amountField = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string>();

  function pay(times: number): void {
    const { amount, reference } = parseOrder(order);
    setProblem(amount === undefined ? AMOUNT_PROBLEM : undefined);
    if (amount === undefined) amountField.current?.focus();
    else for (let time = 0; time < times; time += 1) onPay(amount, reference);
  }

  return (
    <form
      className="form"
      noValidate
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault();
        pay(1);
      }}
    >
      <div className="field">
        <label htmlFor={`${id}-amount`}>Amount in euros</label>
        <input
          ref={amountField}
          id={`${id}-amount`}
          className="amount"
          inputMode="decimal"
          autoComplete="off"
          required
          maxLength={12}
          value={order.amount}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-hint`}
          onChange={({ target }) => {
            onChange({ ...order, amount: target.value });
          }}
        />
        <p id={`${id}-hint`} className={problem === undefined ? 'hint' : 'problem'}>
          {problem ?? AMOUNT_HINT}
        </p>
      </div>
      <div className="field">
        <label htmlFor={`${id}-reference`}>Reference</label>
        <input
          id={`${id}-reference`}
          autoComplete="off"
          maxLength={REFERENCE_LENGTH_MAX}
          value={order.reference}
          onChange={({ target }) => {
            onChange({ ...order, reference: target.value });
          }}
        />
      </div>
      <div className="actions">
        <button type="submit" className="primary">
          Pay
        </button>
        <button
          type="button"
          onClick={() => {
            pay(2);
          }}
        >
          Double-click for me
        </button>
      </div>
    </form>
  );
}
