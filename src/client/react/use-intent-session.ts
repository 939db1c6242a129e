import { useEffect, useLayoutEffect, useState, useSyncExternalStore } from 'react';
import { clientClock } from '../core/client-clock.js';
import { generateKey as randomKey } from '../core/generate-key.js';
import { IntentSession, NO_INTENTS, type IntentState } from '../intent/intent-session.js';
import { sessionStorageOfPage, storedIntents } from '../intent/intent-storage.js';
import { Intents } from '../intent/intents.js';
import { intentSettings, type IntentHookOptions } from './intent-options.js';

/** Which place of an application a component is. */
export interface IntentPlace {
  /** The hook's name, for messages. */
  readonly hook: string;
  /** The operation's name. Two operations may share one `storageKey`. */
  readonly operationName: string;
}

/** A server paints nothing, and React 18 says so of every layout effect there. */
const usePaintedEffect = 'document' in globalThis ? useLayoutEffect : useEffect;

/**
 * The intents of one component, and what it can show of them.
 *
 * @param optionsOf - gives the options, when the component mounts
 * @throws TypeError when an option is wrong, or does not exist
 */
export function useIntentSession(
  place: IntentPlace,
  optionsOf: () => IntentHookOptions,
): readonly [session: IntentSession, state: IntentState] {
  // React may make two of them and drop one: nothing happens before the first call.
  const [session] = useState(() => openSession(place, optionsOf()));
  const state = useSyncExternalStore(session.subscribe, session.state, () => NO_INTENTS);
  // Before the page is painted, and undone at once when the component is hidden or leaves.
  usePaintedEffect(session.show, [session]);
  return [session, state];
}

function openSession(
  { hook, operationName }: IntentPlace,
  options: IntentHookOptions,
): IntentSession {
  const settings = intentSettings(hook, options);
  const { storageKey, doubleClickMs, generateKey = randomKey } = settings;
  const area = storageKey === undefined ? undefined : sessionStorageOfPage();
  const name = `graphql-idempotency:${String(storageKey)}:${operationName}`;
  const stored = storedIntents(area, name);
  const intents = new Intents({ generateKey, clock: clientClock, doubleClickMs, stored });
  return new IntentSession(intents, settings.settleWithoutReport);
}
