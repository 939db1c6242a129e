import type {
  ApolloClient,
  DefaultContext,
  ErrorPolicy,
  OperationVariables,
  TypedDocumentNode,
} from '@apollo/client';
import { useApolloClient, useMutation } from '@apollo/client/react';
import type { DocumentNode } from 'graphql';
import { useCallback, useInsertionEffect, useRef } from 'react';
import type {
  IntentCall,
  IntentControls,
  IntentSession,
  IntentState,
} from '../../intent/intent-session.js';
import { operationNameOf, rootResponseKeys } from '../../core/root-fields.js';
import type { ShownAnswer } from '../../intent/ends-intent.js';
import type { IntentHookOptions } from '../../react/intent-options.js';
import { intentOptionsAmong } from './intent-options-among.js';
import { shownAnswer, shownError } from './shown-answer.js';
import { useIntentSession } from '../../react/use-intent-session.js';

/** The fields of the result beside those of `useMutation`. */
export interface IntentHookResult extends IntentState, IntentControls {}

/** The variables that a call still has to give. */
type Remaining<TVariables, TGiven> = Omit<TVariables, keyof TGiven> &
  Partial<Pick<TVariables, keyof TVariables & keyof TGiven>>;

/** The arguments of the latest render, for the calls after it. */
interface Rendered {
  readonly mutation: DocumentNode;
  readonly given: useMutation.Options & IntentHookOptions;
  readonly client: ApolloClient;
  readonly mutate: useMutation.MutationFunction<unknown, OperationVariables>;
}

/**
 * `useMutation` for a mutation that must happen once per intent. It needs an `IdempotencyLink` in
 * the client.
 *
 * Calls with the same variables send the same key: a double click, a call after a re-render, after
 * an error, and with `storageKey` after a reload. A known outcome starts a new intent; so do other
 * variables, beside the one in flight.
 *
 * @example
 * ```tsx
 * const [pay, { data, error }] = useIdempotentMutation(CreatePayment);
 * <button onClick={() => pay({ variables: { input } })}>Pay</button>
 * ```
 *
 * @throws TypeError when an option for its intents is wrong, or its name misspelt
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
  const place = { hook: 'useIdempotentMutation', operationName: operationNameOf(mutation) };
  const [session, state] = useIntentSession(place, () => intentOptionsAmong(options));
  // The types of one document say more than is needed here: what is passed on is as it came.
  const document: DocumentNode = mutation;
  const given = options as Rendered['given'];
  const [mutate, result] = useMutation(document, given);
  const client = useApolloClient(given.client);
  const latest = useRef<Rendered>({ mutation: document, given, client, mutate });
  // Before all other effects: one of them may call, and must not send what was rendered before.
  useInsertionEffect(() => {
    latest.current = { mutation: document, given, client, mutate };
  });

  const call = useCallback(
    (callOptions: useMutation.MutationFunctionOptions = {}) => {
      const answered = send(session, () => latest.current, callOptions);
      // As with useMutation: the result says so to those who do not await the call.
      answered.catch(() => undefined);
      return answered;
    },
    [session],
  );
  const { reset } = result;
  const dismiss = useCallback(() => {
    session.dismiss();
    reset();
  }, [session, reset]);
  const settle = useCallback(
    (key: string, answer: ShownAnswer) =>
      session.settle(key, answer, rootResponseKeys(latest.current.mutation)),
    [session],
  );
  return [
    call as useMutation.MutationFunction<TData, Remaining<TVariables, TGiven>>,
    {
      ...(result as useMutation.Result<TData>),
      ...state,
      reset: dismiss,
      settle,
      startOver: session.startOver,
    },
  ];
}

/** Sends one call with the key of its intent, and lets the intent learn what it was answered. */
async function send(
  session: IntentSession,
  rendered: () => Rendered,
  options: useMutation.MutationFunctionOptions,
): Promise<ApolloClient.MutateResult> {
  const { mutation, given, client, mutate } = rendered();
  const { variables, context, errorPolicy } = merged(given, client, options);
  const call = session.begin(operationNameOf(mutation), variables);
  const rootKeys = rootResponseKeys(mutation);
  try {
    const answer = await mutate({
      ...options,
      ...witnessing(call, options, () => rendered().given),
      variables,
      context: { ...context, idempotencyKey: context?.idempotencyKey ?? call.key },
    });
    call.settle(shownAnswer(answer, errorPolicy), rootKeys);
    return answer;
  } catch (error) {
    call.settle(shownError(error), rootKeys);
    throw error;
  }
}

/** The callbacks of a call or else of the hook: one of them may leave the page. */
function witnessing(
  call: IntentCall,
  options: useMutation.MutationFunctionOptions,
  given: () => Rendered['given'],
): Pick<useMutation.MutationFunctionOptions, 'onCompleted' | 'onError'> {
  return {
    onCompleted(...answer) {
      call.witness();
      (options.onCompleted ?? given().onCompleted)?.(...answer);
    },
    onError(...answer) {
      call.witness();
      (options.onError ?? given().onError)?.(...answer);
    },
  };
}

/** As Apollo Client merges them: variables one by one, the rest as a whole. */
function merged(
  given: useMutation.Options,
  client: ApolloClient,
  options: useMutation.MutationFunctionOptions,
): {
  variables: OperationVariables;
  context: DefaultContext | undefined;
  errorPolicy: ErrorPolicy | undefined;
} {
  const { variables, context, errorPolicy } = options;
  const defaults = (options.client ?? client).defaultOptions.mutate;
  const own = typeof context === 'function' ? context(given.context) : context;
  return {
    variables: { ...given.variables, ...variables },
    context: own ?? given.context ?? defaults?.context,
    errorPolicy: errorPolicy ?? given.errorPolicy ?? defaults?.errorPolicy,
  };
}
