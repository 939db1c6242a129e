import { createWatchers } from '../watchers.js';
import type { RedisDriver, Subscription } from './clients/redis-driver.js';

/** Notifies watchers of messages on one channel. */
export interface CompletionSubscriber {
  /** Resolves once later messages will be received. */
  watch(recordId: string, onChange: () => void): Promise<() => void>;
  /** Ends the connection; the next watch opens another. */
  close(): void;
}

/** Listens to `channel` on its own connection, which the first watch opens. */
export function createCompletionSubscriber(
  client: RedisDriver,
  channel: string,
): CompletionSubscriber {
  const watchers = createWatchers();
  let subscription: Subscription | undefined;

  function open(): Subscription {
    const opened: Subscription = client.subscribe(channel, {
      message: (recordId) => {
        watchers.notify(recordId);
      },
      // Messages may have been lost while there was no connection.
      resumed: () => {
        watchers.notifyAll();
      },
      ended: () => {
        if (subscription === opened) subscription = undefined;
      },
    });
    return opened;
  }

  return {
    async watch(recordId, onChange) {
      const unwatch = watchers.add(recordId, onChange);
      try {
        subscription ??= open();
        await subscription.ready;
      } catch (error) {
        unwatch();
        throw error;
      }
      return unwatch;
    },
    close() {
      subscription?.close();
      subscription = undefined;
    },
  };
}
