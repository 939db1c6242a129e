import { refuseUnknownOptions, type OptionNames } from '../../core/values/unknown-options.js';
import { isWholeNumber, wholeNumberRule } from '../../core/values/whole-number.js';

/** Options of a hook for its intents. Read when it mounts. */
export interface IntentHookOptions {
  /**
   * Keeps intents in `sessionStorage` under this name until their outcomes are known, so that they
   * survive a reload and a change of the page. One name for each place in your application.
   *
   * @defaultValue none: they live as long as the component
   */
  readonly storageKey?: string;
  /**
   * The time after an outcome for which a call with the same variables still belongs to it, in
   * milliseconds: 0 to 10 000. The second click of a double click often comes after the first one's
   * answer.
   *
   * @defaultValue 500
   */
  readonly doubleClickMs?: number;
  /**
   * Makes a new key: 1 to 255 visible ASCII characters, none of them `" , ; \`.
   *
   * @defaultValue a random UUID
   */
  readonly generateKey?: () => string;
  /**
   * Whether an answer that came without `extensions.idempotency` ends its intent if it has no errors
   * and a value for every root field. Only where a gateway drops `extensions`: the client then takes
   * the answer's word for it.
   *
   * @defaultValue false: without the server's report, no outcome is known
   */
  readonly settleWithoutReport?: boolean;
}

/** The names of a hook's options for its intents. */
export const INTENT_OPTION_NAMES: OptionNames<IntentHookOptions> = Object.freeze({
  storageKey: true,
  doubleClickMs: true,
  generateKey: true,
  settleWithoutReport: true,
});

const DOUBLE_CLICK_MS = { usual: 500, most: 10_000 } as const;

/** The options with their defaults. */
export interface IntentSettings {
  readonly storageKey: string | undefined;
  readonly doubleClickMs: number;
  readonly generateKey: (() => string) | undefined;
  readonly settleWithoutReport: boolean;
}

/**
 * Checks the options and fills in the defaults.
 *
 * @param hook - its name, for messages
 * @throws TypeError when an option is wrong, or does not exist
 */
export function intentSettings(hook: string, options: IntentHookOptions): IntentSettings {
  refuseUnknownOptions(hook, options, INTENT_OPTION_NAMES);
  const { storageKey, doubleClickMs = DOUBLE_CLICK_MS.usual, generateKey } = options;
  const range = { min: 0, max: DOUBLE_CLICK_MS.most };
  if (!isWholeNumber(doubleClickMs, range)) {
    throw new TypeError(`${hook}: ${wholeNumberRule('doubleClickMs', range)}.`);
  }
  if (storageKey !== undefined && (typeof storageKey !== 'string' || storageKey === '')) {
    throw new TypeError(`${hook}: storageKey must be a text that is not empty.`);
  }
  if (generateKey !== undefined && typeof generateKey !== 'function') {
    throw new TypeError(`${hook}: generateKey must be a function.`);
  }
  const { settleWithoutReport = false } = options;
  return { storageKey, doubleClickMs, generateKey, settleWithoutReport };
}
