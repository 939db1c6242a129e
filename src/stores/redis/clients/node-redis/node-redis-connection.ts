import { quietly, ignoreRejection } from '../../../../core/async/quietly.js';
import type { NodeRedisClientLike, NodeRedisConnectionLike } from './node-redis-like.js';
import type {
  CommandSender,
  OwnConnection,
  Subscription,
  SubscriptionListener,
} from '../redis-driver.js';

/**
 * Creates a connection with the client's settings, not connected yet, without its socket timeout: the
 * store has its own timers, and a connection for messages is idle most of the time.
 */
export function duplicateOf(client: NodeRedisClientLike): NodeRedisClientLike {
  return client.duplicate({ socket: { ...client.options?.socket, socketTimeout: undefined } });
}

/** Connects a new connection of the store's own. */
export function ownNodeRedisConnection<C extends NodeRedisConnectionLike>(
  made: C | Promise<C>,
  senderOver: (connection: C) => CommandSender,
  destinationOf: (key: string) => string,
): OwnConnection {
  let closed = false;
  const connected = connect();
  ignoreRejection(connected);

  async function connect(): Promise<CommandSender> {
    const connection = await made;
    // The connection reconnects by itself; a wait that it interrupts gets an error of its own.
    connection.on('error', () => undefined);
    if (closed) throw new Error('The connection to Redis was closed.');
    await connection.connect();
    return senderOver(connection);
  }

  return {
    send: async (...command) => (await connected).send(...command),
    sendTogether: async (...commands) => (await connected).sendTogether(...commands),
    destinationOf,
    ready: () => connected.then(() => undefined),
    close() {
      closed = true;
      void Promise.resolve(made).then(destroy, () => undefined);
    },
  };
}

/**
 * Listens to a channel on a new connection that nothing else uses.
 *
 * @param heals - true if the connection finds the primary again by itself; a connection to one address
 *   does not when the primary changes, so it ends
 */
export function subscribeWithNodeRedis(
  made: NodeRedisConnectionLike | Promise<NodeRedisConnectionLike>,
  channel: string,
  listener: SubscriptionListener,
  heals: boolean,
): Subscription {
  let established = false;
  let ended = false;

  function end(): void {
    void Promise.resolve(made).then(destroy, () => undefined);
    if (ended) return;
    ended = true;
    listener.ended();
    if (established) listener.resumed();
  }

  async function open(): Promise<void> {
    try {
      const connection = await made;
      await new Promise<void>((resolve, reject) => {
        // Without a listener an error would be thrown.
        connection.on('error', (error) => {
          if (established && heals && connection.isOpen) return;
          end();
          reject(error instanceof Error ? error : new Error(String(error)));
        });
        connection.on('end', () => {
          end();
          reject(new Error('The subscriber connection was closed.'));
        });
        // At this point, it has subscribed again.
        for (const event of ['ready', 'node-ready']) {
          connection.on(event, () => {
            if (established && !ended) listener.resumed();
          });
        }
        const listen = (message: string): void => {
          listener.message(message);
        };
        connection
          .connect()
          .then(() => connection.subscribe(channel, listen))
          .then(() => {
            resolve();
          }, reject);
      });
      established = true;
    } catch (error) {
      end();
      throw error;
    }
  }

  return { ready: open(), close: end };
}

/** Destroys a connection. Some versions throw if it is not open. */
function destroy(connection: NodeRedisConnectionLike): void {
  quietly(() => connection.destroy(), undefined);
}
