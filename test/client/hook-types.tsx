import type { TypedDocumentNode } from '@apollo/client';
import { useIdempotentMutation } from '../../src/client/apollo/react/index.js';

/** Checked by the compiler: what the types of a document demand and give. */
export function TypesOfTheHook({
  document,
}: {
  document: TypedDocumentNode<{ pay: { id: string } }, { input: { amount: number }; key?: string }>;
}): null {
  const [pay, { data }] = useIdempotentMutation(document, { storageKey: 'shop' });
  data?.pay.id satisfies string | undefined;
  void pay({ variables: { input: { amount: 1 } } }).then(
    (answer) => answer.data?.pay.id satisfies string | undefined,
  );
  // @ts-expect-error - the input is missing
  void pay();
  // @ts-expect-error - the input is no object
  void pay({ variables: { input: 1 } });
  const variables = { input: { amount: 1 } };
  const [payAgain] = useIdempotentMutation(document, { variables });
  void payAgain();
  void payAgain({ variables: { key: 'mine' } });
  // @ts-expect-error - the amount is no number
  useIdempotentMutation(document, { variables: { input: { amount: '1' } } });
  // @ts-expect-error - there is no such option
  useIdempotentMutation(document, { storage: 'shop' });
  return null;
}
