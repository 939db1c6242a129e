import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { idempotencyOver } from '../graphql/create-idempotency.js';
import { apolloPlugin } from '../graphql/plugin.js';
import type { IdempotencyRuntime } from '../graphql/runtime.js';
import { startError } from '../graphql/schema/wrap-field.js';
import { MercuriusDoor } from '../mercurius/mercurius-door.js';
import { envelopPlugin } from '../yoga/use-idempotency.js';

/** The options of a GraphQLModule that are used, whatever its driver. */
export interface DriverOptions {
  readonly plugins?: readonly unknown[];
  /** Of Apollo Server and Yoga, for WebSockets. */
  readonly subscriptions?: boolean | Readonly<Record<string, unknown>>;
  /** Of Yoga. */
  readonly conditionalSchema?: unknown;
}

/** Starts and ends the server of one driver together with its door. */
export interface DriverDoor {
  /**
   * Starts the server with its door.
   *
   * @param start - what the driver does with options
   */
  start<TOptions extends DriverOptions>(
    start: (options: TOptions) => Promise<unknown>,
    options: TOptions,
  ): Promise<void>;
  /** Waits for what is in flight, and stops the server. */
  stop(stop: () => Promise<void>): Promise<void>;
}

type MakeDoor = (runtime: IdempotencyRuntime<object>, name: string) => DriverDoor;

/** The doors of drivers that execute mutations, by the names of their classes. */
export const DRIVER_DOORS: ReadonlyMap<string, MakeDoor> = new Map([
  ['ApolloDriver', apolloDoor],
  ['ApolloFederationDriver', apolloDoor],
  ['MercuriusDriver', mercuriusDoor],
  ['YogaDriver', yogaDoor],
]);

/** Apollo Server. Its plugins do not see what comes over a WebSocket, which Nest executes itself. */
function apolloDoor(runtime: IdempotencyRuntime<object>, name: string): DriverDoor {
  const sockets = idempotencyOver(runtime, name);
  return {
    async start(start, options) {
      await sockets.start();
      const { plugins = [], subscriptions } = options;
      const equipped = { ...options, plugins: [...plugins, apolloPlugin(runtime)] };
      if (typeof subscriptions !== 'object') {
        await start(equipped);
        return;
      }
      const given = subscriptions['execute'] as ((args: ExecutionArgs) => unknown) | undefined;
      const execute = async (args: ExecutionArgs): Promise<ExecutionResult> => {
        const { result } = await sockets.execute(args, given && { execute: given });
        return result;
      };
      await start({ ...equipped, subscriptions: { ...subscriptions, execute } });
    },
    async stop(stop) {
      // Before connections are closed, so that what is in flight is still answered.
      await sockets.drain();
      await stop();
      await sockets.close();
    },
  };
}

function yogaDoor(runtime: IdempotencyRuntime<object>, name: string): DriverDoor {
  const plugin = envelopPlugin(idempotencyOver(runtime, name));
  return {
    async start(start, options) {
      const { plugins = [], conditionalSchema } = options;
      if (conditionalSchema !== undefined) {
        throw startError(name, [
          'a conditionalSchema of YogaDriver cannot be served: its mutations are not looked at when the ' +
            'application starts. Put it into a GraphQLModule of its own.',
        ]);
      }
      await start({ ...options, plugins: [...plugins, plugin] });
    },
    async stop(stop) {
      // Nest does not dispose of Yoga.
      await plugin.onDispose();
      await stop();
    },
  };
}

function mercuriusDoor(runtime: IdempotencyRuntime<object>, name: string): DriverDoor {
  const door = new MercuriusDoor(runtime, name);
  const plugin = (app: object): Promise<void> =>
    Promise.resolve().then(() => {
      door.install(app);
    });
  // What fastify-plugin says of a plugin: it concerns the application that registers it.
  Object.assign(plugin, { [Symbol.for('skip-override')]: true });
  return {
    async start(start, options) {
      await start({
        ...options,
        // Plugins that guard resolvers come later, so that they stand around the doors.
        plugins: [{ plugin }, ...(options.plugins ?? [])],
        // They are in the schema; Mercurius would put them there again, in place of the doors.
        resolvers: undefined,
      });
      await door.start();
    },
    async stop(stop) {
      await door.drain();
      await stop();
      await door.close();
    },
  };
}
