import { Kind, type DocumentNode } from 'graphql';
import { clientClock } from '../client-clock.js';
import { generateKey as randomKey } from '../generate-key.js';
import { createIntent, type Intent, type IntentStorage } from '../intent.js';

/** What `useIdempotentMutation` takes beside the options of `useMutation`. Read when it mounts. */
export interface IntentHookOptions {
  /**
   * Keeps the intent in `sessionStorage` under this name until its outcome is known, so that it
   * survives a reload and a change of the page. One name for each place in your application.
   *
   * @defaultValue none: it lives as long as the component
   */
  readonly storageKey?: string;
  /**
   * How long after an outcome a call with the same variables still belongs to it, in milliseconds: 0
   * to 10 000. The second click of a double click often comes after the first one's answer.
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
}

const DOUBLE_CLICK_MS = { usual: 500, most: 10_000 } as const;

/**
 * Opens the intent of one place in an application.
 *
 * @throws TypeError when an option is wrong
 */
export function openIntent(
  mutation: DocumentNode,
  { storageKey, doubleClickMs, generateKey = randomKey }: IntentHookOptions,
): Intent {
  const delay = doubleClickMs ?? DOUBLE_CLICK_MS.usual;
  if (!Number.isInteger(delay) || delay < 0 || delay > DOUBLE_CLICK_MS.most) {
    throw new TypeError(
      `useIdempotentMutation: doubleClickMs must be a whole number from 0 to ${DOUBLE_CLICK_MS.most}.`,
    );
  }
  if (storageKey !== undefined && (typeof storageKey !== 'string' || storageKey === '')) {
    throw new TypeError('useIdempotentMutation: storageKey must be a text that is not empty.');
  }
  if (typeof generateKey !== 'function') {
    throw new TypeError('useIdempotentMutation: generateKey must be a function.');
  }
  const area = storageKey === undefined ? undefined : sessionStorageOfPage();
  const name = operationName(mutation);
  return createIntent({
    operationName: name,
    generateKey,
    clock: clientClock,
    doubleClickMs: delay,
    storage: area && { area, name: `graphql-idempotency:${String(storageKey)}:${name}` },
  });
}

/** Absent on a server; forbidden where the browser blocks all storage. */
function sessionStorageOfPage(): IntentStorage | undefined {
  try {
    return (globalThis as { sessionStorage?: IntentStorage }).sessionStorage;
  } catch {
    return undefined;
  }
}

function operationName({ definitions }: DocumentNode): string {
  for (const definition of definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION && definition.name !== undefined) {
      return definition.name.value;
    }
  }
  return '';
}
