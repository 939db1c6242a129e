export { useIntent } from './use-intent.js';
export type { IntentHandle } from './use-intent.js';
export type { IntentHookOptions } from './intent-options.js';
export type { IntentCall, IntentControls, IntentState } from '../intent/intent-session.js';
export type { ShownAnswer, ShownError } from '../intent/ends-intent.js';
