import { useIntent, type ShownAnswer } from 'graphql-idempotency/client/react';
import type { ReactNode } from 'react';

/** Sends a payment with these headers, and resolves with what the server answered. */
type Send = (input: object, headers: Record<string, string>) => Promise<ShownAnswer>;

export function PayButton({ send, input }: { send: Send; input: object }): ReactNode {
  const { begin, unsettled, replayed } = useIntent('CreatePayment', { storageKey: 'checkout' });
  async function pay(): Promise<void> {
    const call = begin(input);
    const answer = await send(input, { 'idempotency-key': call.key });
    call.settle(answer); // over, if the record holds what the answer shows
  }
  return (
    <button onClick={() => void pay()}>
      {unsettled ? 'Try again' : replayed ? 'Paid before' : 'Pay'}
    </button>
  );
}
