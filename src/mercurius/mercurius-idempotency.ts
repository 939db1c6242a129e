import type { IdempotencyOptions } from '../core/options/options.js';
import { IdempotencyRuntime } from '../graphql/runtime.js';
import { MercuriusDoor } from './mercurius-door.js';

/** The part of a Fastify instance that is used. */
export interface MercuriusApp {
  /** Adds a hook of the application. */
  addHook(name: 'onReady' | 'preClose' | 'onClose', hook: () => Promise<void>): unknown;
}

const NAME = 'mercuriusIdempotency';
/** The options of Fastify's `register`, which passes them to a plugin as well. */
const FASTIFY_OPTIONS = { prefix: undefined, logLevel: undefined, logSerializers: undefined };

/**
 * Makes the mutations that are marked with `@idempotent` safe to retry, in a Fastify application that
 * serves GraphQL with Mercurius. A Fastify plugin, to be registered right after Mercurius.
 *
 * @example
 * ```ts
 * await app.register(mercurius, { schema, context: (request) => ({ user: request.user }) });
 * await app.register(mercuriusIdempotency<Context>, { store, scope: ({ user }) => user });
 * ```
 *
 * `await app.close()` waits for executions in flight. If options or marks in the schema are wrong, the
 * application does not become ready, and the error lists all of them.
 *
 * @param app - the application, with Mercurius registered
 * @param options - the same as for `idempotencyPlugin`
 */
export function mercuriusIdempotency<TContext extends object>(
  app: MercuriusApp,
  options: IdempotencyOptions<TContext>,
): Promise<void> {
  return Promise.resolve().then(() => {
    const door = new MercuriusDoor(
      new IdempotencyRuntime({ ...options, ...FASTIFY_OPTIONS }, NAME),
      NAME,
    );
    door.install(app);
    app.addHook('onReady', () => door.start());
    // Before the application closes what others, such as a plugin of Redis, have opened.
    app.addHook('preClose', () => door.drain());
    app.addHook('onClose', () => door.close());
  });
}

// As fastify-plugin does: the hooks belong to the application that registers the plugin.
Object.assign(mercuriusIdempotency, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: NAME,
});
