export { useIdempotentMutation } from './use-idempotent-mutation.js';
export type {
  ExecuteIdempotentMutation,
  IdempotentMutationState,
} from './use-idempotent-mutation.js';
export type { IntentHookOptions } from '../../react/intent-options.js';
export type { IntentState } from '../../intent/intent-session.js';
