import type { TypedDocumentNode } from '@urql/core';
import { useIdempotentMutation } from 'graphql-idempotency/client/urql/react';
import type { ReactNode } from 'react';

interface PayButtonProps {
  readonly document: TypedDocumentNode<{ createPayment: { id: string } }, { input: object }>;
  readonly input: object;
}

export function PayButton({ document, input }: PayButtonProps): ReactNode {
  const [{ data, error, fetching, replayed, unsettled }, pay] = useIdempotentMutation(document, {
    storageKey: 'checkout', // the intent survives a reload
  });
  return (
    <>
      <button onClick={() => void pay({ input })}>
        {unsettled && !fetching ? 'Try again' : 'Pay'}
      </button>
      {error && <p role="alert">{error.message}</p>}
      {data && <p>{replayed ? 'Paid before, and just once.' : 'Paid.'}</p>}
    </>
  );
}
