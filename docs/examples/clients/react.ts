import type { TypedDocumentNode } from '@apollo/client';
import { useIdempotentMutation } from 'graphql-idempotency/client/react';
import { createElement, type ReactElement } from 'react';

interface Payment {
  readonly createPayment: { readonly id: string };
}

export interface PayButtonProps {
  readonly document: TypedDocumentNode<Payment, { input: object }>;
  readonly input: object;
}

export function PayButton({ document, input }: PayButtonProps): ReactElement {
  const [pay, { data, error, replayed, unsettled }] = useIdempotentMutation(document, {
    variables: { input },
    storageKey: 'checkout', // the intent survives a reload
  });
  const label = unsettled ? 'Try again' : 'Pay'; // "again" is safe: the same key
  return createElement(
    'form',
    { action: () => void pay() },
    createElement('button', null, label),
    error && createElement('p', { role: 'alert' }, error.message),
    data && createElement('p', null, replayed ? 'Paid, just once.' : 'Paid.'),
  );
}
