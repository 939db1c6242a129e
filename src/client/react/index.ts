export { useIdempotentMutation } from './use-idempotent-mutation.js';
export type { IntentHookOptions } from './open-intent.js';
export type { IntentHookResult } from './use-idempotent-mutation.js';
