import { useCallback, useEffect, useState } from 'react';

/** The server's state of its record store. */
export interface StoreState {
  /** `redis` or `memory`. */
  readonly store: string;
  /** Whether this page may take it away. */
  readonly switchable: boolean;
  readonly away: boolean;
  /** Until it comes back by itself, in milliseconds. */
  readonly awayForMs: number;
}

/** The switch on the server. */
export interface StoreSwitch {
  /** Undefined until the server has answered. */
  readonly state: StoreState | undefined;
  /** Whether the last question went unanswered. */
  readonly isSilent: boolean;
  readonly set: (away: boolean) => void;
}

/** The address of the server's switch. */
export const STORE_ADDRESS = '/checkout/store';
/** Timers are not exact: asked a little later, it is back. */
const BACK_MS = 100;

/** Asks the server for its switch, now and when the store should be back. */
export function useStoreSwitch(): StoreSwitch {
  const [state, setState] = useState<StoreState>();
  const [isSilent, setSilent] = useState(false);

  const ask = useCallback(async (init?: RequestInit) => {
    try {
      const response = await fetch(STORE_ADDRESS, init);
      if (!response.ok) throw new Error(response.statusText);
      setState((await response.json()) as StoreState);
      setSilent(false);
    } catch {
      setSilent(true);
    }
  }, []);

  useEffect(() => {
    void ask();
  }, [ask]);
  useEffect(() => {
    if (state?.away !== true) return undefined;
    const timer = setTimeout(() => void ask(), state.awayForMs + BACK_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [ask, state]);

  return {
    state,
    isSilent,
    set(away) {
      void ask({
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ away }),
      });
    },
  };
}
