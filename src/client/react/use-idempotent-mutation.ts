import type {
  ApolloClient,
  DefaultContext,
  OperationVariables,
  TypedDocumentNode,
} from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { useApolloClient, useMutation } from '@apollo/client/react';
import type { DocumentNode } from 'graphql';
import { useCallback, useInsertionEffect, useRef, useState, useSyncExternalStore } from 'react';
import { outcomeKnown, type MutationAnswer } from '../outcome-known.js';
import { isReplay } from '../reports.js';
import { openIntent, type IntentHookOptions } from './open-intent.js';

/** What the result says beside that of `useMutation`. */
export interface IntentHookResult {
  /** Whether the latest answer was a replay: it had happened before. */
  readonly replayed: boolean;
  /** Whether there is an intent whose outcome is not known: one under way, or one that failed. */
  readonly unsettled: boolean;
  /** Forgets the intent: the next call is a new one, with a new key. */
  readonly startOver: () => void;
}

/** The variables that a call still has to give. */
type Remaining<TVariables, TGiven> = Omit<TVariables, keyof TGiven> &
  Partial<Pick<TVariables, keyof TVariables & keyof TGiven>>;

/**
 * `useMutation` for a mutation that must happen once per intent. It needs an `IdempotencyLink` in
 * the client.
 *
 * Calls with the same variables send the same key: a double click, a call after a re-render, after
 * an error, and with `storageKey` after a reload. A known outcome or other variables start a new
 * intent.
 *
 * @example
 * ```tsx
 * const [pay, { data, error }] = useIdempotentMutation(CreatePayment);
 * <button onClick={() => pay({ variables: { input } })}>Pay</button>
 * ```
 *
 * @throws TypeError when an option is wrong
 */
export function useIdempotentMutation<
  TData,
  TVariables extends OperationVariables,
  TGiven extends object = object,
>(
  mutation: DocumentNode | TypedDocumentNode<TData, TVariables>,
  options: Omit<useMutation.Options<NoInfer<TData>, NoInfer<TVariables>>, 'variables'> &
    IntentHookOptions & { readonly variables?: TGiven & Partial<TVariables> } = {},
): [
  mutate: useMutation.MutationFunction<TData, Remaining<TVariables, TGiven>>,
  result: useMutation.Result<TData> & IntentHookResult,
] {
  const [intent] = useState(() => openIntent(mutation, options));
  const unsettled = useSyncExternalStore(intent.subscribe, intent.isUnsettled, () => false);
  const [replayed, setReplayed] = useState(false);
  // The types of one document say more than is needed here: what is passed on is as it came.
  const document: DocumentNode = mutation;
  const given = options as useMutation.Options;
  const [mutate, result] = useMutation(document, given);
  const client = useApolloClient(given.client);
  const current = useRef({ given, client, calls: 0 });
  // Before all other effects: one of them may call, and must not send what was rendered before.
  useInsertionEffect(() => {
    Object.assign(current.current, { given, client });
  });

  const call = useCallback(
    (callOptions: useMutation.MutationFunctionOptions = {}) => {
      const send = async (): Promise<ApolloClient.MutateResult> => {
        const { variables, context } = merged(current.current, callOptions);
        const { key, settle } = intent.begin(variables);
        const number = (current.current.calls += 1);
        setReplayed(false);
        const learn = (answer: MutationAnswer): void => {
          if (outcomeKnown(answer)) settle();
          if (number === current.current.calls) setReplayed(isReplay(answer));
        };
        return mutate({
          ...callOptions,
          variables,
          context: { ...context, idempotencyKey: context?.idempotencyKey ?? key },
        }).then(
          (answer) => {
            learn(answer);
            return answer;
          },
          (error: unknown) => {
            learn({ error, extensions: CombinedGraphQLErrors.is(error) ? error.extensions : {} });
            throw error;
          },
        );
      };
      const answered = send();
      // As with useMutation: the result says so to those who do not await the call.
      answered.catch(() => undefined);
      return answered;
    },
    [intent, mutate],
  );
  return [
    call as useMutation.MutationFunction<TData, Remaining<TVariables, TGiven>>,
    { ...(result as useMutation.Result<TData>), replayed, unsettled, startOver: intent.startOver },
  ];
}

/** As Apollo Client merges them: variables one by one, the context as a whole. */
function merged(
  { given, client }: { readonly given: useMutation.Options; readonly client: ApolloClient },
  { client: other = client, variables, context }: useMutation.MutationFunctionOptions,
): { variables: OperationVariables; context: DefaultContext | undefined } {
  const own = typeof context === 'function' ? context(given.context) : context;
  return {
    variables: { ...given.variables, ...variables },
    context: own ?? given.context ?? other.defaultOptions.mutate?.context,
  };
}
