import type { TypedDocumentNode } from '@apollo/client';
import { useIdempotentMutation } from 'graphql-idempotency/client/apollo/react';
import type { ReactNode } from 'react';

interface PayButtonProps {
  readonly document: TypedDocumentNode<{ createPayment: { id: string } }, { input: object }>;
  readonly input: object;
}

export function PayButton({ document, input }: PayButtonProps): ReactNode {
  const [pay, { data, error, loading, replayed, unsettled }] = useIdempotentMutation(document, {
    storageKey: 'checkout', // the intent survives a reload
  });
  return (
    <>
      {/* "again" is safe: the same key */}
      <button onClick={() => void pay({ variables: { input } })}>
        {unsettled && !loading ? 'Try again' : 'Pay'}
      </button>
      {error && <p role="alert">{error.message}</p>}
      {data && <p>{replayed ? 'Paid before, and just once.' : 'Paid.'}</p>}
    </>
  );
}
