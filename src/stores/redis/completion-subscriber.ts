import { createWatchers } from '../watchers.js';
import type { RedisConnectionLike, RedisLike } from './redis-like.js';

/** Tells watchers about messages on one channel. */
export interface CompletionSubscriber {
  /** Resolves once messages from then on will be received. */
  watch(recordId: string, onChange: () => void): Promise<() => void>;
  /** Ends the connection; the next watch opens another. */
  close(): void;
}

interface Subscription {
  readonly connection: RedisConnectionLike;
  readonly ready: Promise<void>;
}

/** Listens to `channel` on a connection of its own, opened at the first watch. */
export function createCompletionSubscriber(
  client: RedisLike,
  channel: string,
): CompletionSubscriber {
  const watchers = createWatchers();
  let subscription: Subscription | undefined;

  function open(): Subscription {
    const connection = client.duplicate();
    const ready = new Promise<void>((resolve, reject) => {
      let established = false;
      function ended(reason: unknown): void {
        if (subscription?.connection === connection) subscription = undefined;
        reject(
          reason instanceof Error ? reason : new Error('The subscriber connection was closed.'),
        );
      }
      function drop(reason: unknown): void {
        connection.disconnect();
        ended(reason);
      }
      function subscribe(): void {
        // Also after every reconnect, whatever the client's own settings say about that.
        connection.subscribe(channel).then(
          () => {
            // Messages may have been lost while there was no connection.
            if (established) watchers.notifyAll();
            established = true;
            resolve();
          },
          (error: unknown) => {
            if (!established) drop(error);
          },
        );
      }
      connection.on('message', (_channel, recordId) => {
        watchers.notify(String(recordId));
      });
      // Without a listener an error would be printed or thrown; later ones heal by reconnecting.
      connection.on('error', (error) => {
        if (!established) drop(error);
      });
      connection.on('close', () => {
        if (!established) drop(undefined);
      });
      connection.on('end', ended);
      connection.on('ready', subscribe);
      if (connection.status === 'wait') connection.connect().catch(drop);
      else if (connection.status === 'ready') subscribe();
    });
    return { connection, ready };
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
      subscription?.connection.disconnect();
      subscription = undefined;
    },
  };
}
