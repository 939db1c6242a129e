export { useIdempotentMutation } from './use-idempotent-mutation.js';
export type { IntentHookOptions } from '../../react/intent-options.js';
export type { IntentHookResult } from './use-idempotent-mutation.js';
