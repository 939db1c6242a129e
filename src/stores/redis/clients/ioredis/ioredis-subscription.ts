import type { IoRedisConnectionLike } from './ioredis-like.js';
import type { Subscription, SubscriptionListener } from '../redis-driver.js';

/** Listens to a channel on a connection that nobody else uses. */
export function subscribeWithIoRedis(
  connection: IoRedisConnectionLike,
  channel: string,
  listener: SubscriptionListener,
): Subscription {
  // By itself, the client would subscribe again too, and a rejection of that would end the process.
  Object.assign(connection.options ?? {}, { autoResubscribe: false });
  const ready = new Promise<void>((resolve, reject) => {
    let established = false;
    function ended(reason: unknown): void {
      listener.ended();
      reject(reason instanceof Error ? reason : new Error('The subscriber connection was closed.'));
    }
    function drop(reason: unknown): void {
      connection.disconnect();
      ended(reason);
    }
    function subscribe(): void {
      // This also runs after every reconnect, whatever the client's own settings are.
      connection.subscribe(channel).then(
        () => {
          if (established) listener.resumed();
          established = true;
          resolve();
        },
        (error: unknown) => {
          if (!established) drop(error);
        },
      );
    }
    connection.on('message', (_channel, text) => {
      listener.message(String(text));
    });
    // Without a listener, an error would be printed or thrown. After later errors, it reconnects.
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
  return {
    ready,
    close() {
      connection.disconnect();
    },
  };
}
