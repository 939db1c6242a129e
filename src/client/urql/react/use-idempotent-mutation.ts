import type {
  AnyVariables,
  CombinedError,
  DocumentInput,
  Operation,
  OperationContext,
  OperationResult,
} from '@urql/core';
import { createRequest, type Client } from '@urql/core';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useClient } from 'urql';
import { operationNameOf, rootResponseKeys } from '../../core/root-fields.js';
import type { ShownAnswer } from '../../intent/ends-intent.js';
import type { IntentControls, IntentState } from '../../intent/intent-session.js';
import type { IntentHookOptions } from '../../react/intent-options.js';
import { useIntentSession } from '../../react/use-intent-session.js';

/** The state of a component's latest call. */
export interface IdempotentMutationState<TData, TVariables extends AnyVariables>
  extends IntentState, IntentControls {
  readonly fetching: boolean;
  readonly data: TData | undefined;
  readonly error: CombinedError | undefined;
  readonly extensions: Readonly<Record<string, unknown>> | undefined;
  readonly operation: Operation<TData, TVariables> | undefined;
}

/** Sends one call with the key of its intent. It rejects only if it cannot be sent at all. */
export type ExecuteIdempotentMutation<TData, TVariables extends AnyVariables> = (
  variables: TVariables,
  context?: Partial<OperationContext>,
) => Promise<OperationResult<TData, TVariables>>;

type Latest<TData, TVariables extends AnyVariables> = Pick<
  IdempotentMutationState<TData, TVariables>,
  'fetching' | 'data' | 'error' | 'extensions' | 'operation'
>;

const NOTHING = Object.freeze({
  fetching: false,
  data: undefined,
  error: undefined,
  extensions: undefined,
  operation: undefined,
});

/**
 * `useMutation` of urql for a mutation that must happen once per intent. It needs an
 * `idempotencyExchange` in the client.
 *
 * Calls with the same variables send the same key until the record holds an outcome that this
 * component has shown. It shows the latest call: the late answer of an earlier one does not take its
 * place.
 *
 * @example
 * ```tsx
 * const [{ data, error }, pay] = useIdempotentMutation(CreatePayment);
 * <button onClick={() => pay({ input })}>Pay</button>
 * ```
 *
 * @throws TypeError when an option is wrong, or does not exist
 */
export function useIdempotentMutation<
  TData = unknown,
  TVariables extends AnyVariables = AnyVariables,
>(
  mutation: DocumentInput<TData, TVariables>,
  options: IntentHookOptions = {},
): [
  state: IdempotentMutationState<TData, TVariables>,
  execute: ExecuteIdempotentMutation<TData, TVariables>,
] {
  const client: Client = useClient();
  const { query } = createRequest(mutation, {} as TVariables);
  const operationName = operationNameOf(query);
  const place = { hook: 'useIdempotentMutation', operationName };
  const [session, intents] = useIntentSession(place, () => options);
  const [latest, setLatest] = useState<Latest<TData, TVariables>>(NOTHING);
  const calls = useRef(0);
  const isMounted = useRef(true);
  useEffect(() => {
    isMounted.current = true;
    return () => {
      isMounted.current = false;
    };
  }, []);

  const execute = useCallback<ExecuteIdempotentMutation<TData, TVariables>>(
    async (variables, context = {}) => {
      const call = session.begin(operationName, variables);
      const number = (calls.current += 1);
      const show = (shown: Latest<TData, TVariables>): void => {
        if (isMounted.current && number === calls.current) setLatest(shown);
      };
      show({ ...NOTHING, fetching: true });
      const own: unknown = context['idempotencyKey'];
      const result = await client
        .mutation(mutation, variables, { ...context, idempotencyKey: own ?? call.key })
        .toPromise();
      const { data, error, extensions, operation } = result;
      show({ fetching: false, data, error, extensions, operation });
      call.settle(shownAnswer(result), rootResponseKeys(query));
      return result;
    },
    [client, session, mutation, query, operationName],
  );
  const settle = useCallback(
    (key: string, answer: ShownAnswer) => session.settle(key, answer, rootResponseKeys(query)),
    [session, query],
  );
  return [{ ...latest, ...intents, settle, startOver: session.startOver }, execute];
}

/** The part of a result that a component sees. */
function shownAnswer({ data, error, extensions }: OperationResult): ShownAnswer {
  // Whatever else went wrong, nobody knows what became of the mutation.
  if (error?.networkError !== undefined) return {};
  return { data, errors: error?.graphQLErrors, extensions };
}
