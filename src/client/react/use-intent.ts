import { useCallback } from 'react';
import type { IntentCall, IntentControls, IntentState } from '../intent/intent-session.js';
import type { IntentHookOptions } from './intent-options.js';
import { useIntentSession } from './use-intent-session.js';

/** The intents of one component. */
export interface IntentHandle extends IntentState, IntentControls {
  /**
   * Begins a call: gives the key of the intent with these variables, a new one if it is over. Send it
   * with every request of this call, and give the answer to the call's `settle`.
   *
   * @throws Error if the outcomes of 16 intents are not known
   */
  readonly begin: (variables: unknown) => IntentCall;
  /** Says that no answer is shown any more: one that is still to come is not seen, and ends nothing. */
  readonly dismiss: () => void;
}

/**
 * Keys for what must happen once per intent, with any client: calls with equal variables get one key
 * until the record holds an outcome that this component has shown.
 *
 * @example
 * ```tsx
 * const { begin, unsettled } = useIntent('CreatePayment', { storageKey: 'checkout' });
 * async function pay(input: object) {
 *   const call = begin(input);
 *   const answer = await send(input, { 'idempotency-key': call.key });
 *   call.settle(answer);
 * }
 * ```
 *
 * @param name - what is wanted: the operation's name
 * @throws TypeError when an option is wrong, or does not exist
 */
export function useIntent(name: string, options: IntentHookOptions = {}): IntentHandle {
  const place = { hook: 'useIntent', operationName: name };
  const [session, state] = useIntentSession(place, () => options);
  const begin = useCallback(
    (variables: unknown) => session.begin(name, variables),
    [session, name],
  );
  const { settle, startOver, dismiss } = session;
  return { ...state, begin, settle, dismiss, startOver };
}
