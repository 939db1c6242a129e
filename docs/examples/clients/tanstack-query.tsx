import { useMutation } from '@tanstack/react-query';
import type { GraphQLClient } from 'graphql-request';
import { useIntent } from 'graphql-idempotency/client/react';
import type { ReactNode } from 'react';

interface PayButtonProps {
  readonly client: GraphQLClient; // its fetch is withIdempotency(fetch, …)
  readonly document: string;
  readonly input: object;
}

export function PayButton({ client, document, input }: PayButtonProps): ReactNode {
  const { begin, unsettled } = useIntent('CreatePayment', { storageKey: 'checkout' });
  const pay = useMutation({
    // The key is among the variables, so that a retry of TanStack Query sends it as well.
    mutationFn: async ({ call }: { call: ReturnType<typeof begin> }) => {
      const headers = { 'idempotency-key': call.key };
      const answer = await client.rawRequest<object>(document, { input }, headers);
      call.settle(answer);
      return answer.data;
    },
  });
  return (
    <button
      onClick={() => {
        pay.mutate({ call: begin(input) });
      }}
    >
      {unsettled && !pay.isPending ? 'Try again' : 'Pay'}
    </button>
  );
}
