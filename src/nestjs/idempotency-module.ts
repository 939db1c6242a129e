import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import {
  MODULE_OPTIONS,
  type IdempotencyModuleAsyncOptions,
  type IdempotencyModuleOptions,
} from './module-options.js';
import { NEST_SERVER, NestServer } from './nest-server.js';
import { ShutdownModule } from './shutdown-module.js';

/**
 * Makes the mutations that are marked with `@Idempotent()` safe to retry, in every GraphQLModule of a
 * Nest application. Imported once, by the root module.
 *
 * @example
 * ```ts
 * IdempotencyModule.forRootAsync({
 *   imports: [RedisModule],
 *   inject: [REDIS],
 *   useFactory: (redis: Redis) => ({
 *     store: new RedisStore(redis, { service: 'payments' }),
 *     scope: ({ req }: { req: AuthenticatedRequest }) => req.user.id,
 *   }),
 * });
 * ```
 */
@Module({})
export class IdempotencyModule {
  /**
   * The module with options that are known at once.
   *
   * @param options - what is wrong with them is told when the application starts
   */
  static forRoot<TContext>(options: IdempotencyModuleOptions<TContext>): DynamicModule {
    return moduleWith({ provide: MODULE_OPTIONS, useValue: options });
  }

  /** The module with options that a factory makes, from what is injected into it. */
  static forRootAsync<TContext>({
    imports = [],
    inject = [],
    useFactory,
  }: IdempotencyModuleAsyncOptions<TContext>): DynamicModule {
    return moduleWith({ provide: MODULE_OPTIONS, inject, useFactory }, imports);
  }
}

function moduleWith(
  options: Provider,
  imports: NonNullable<IdempotencyModuleAsyncOptions['imports']> = [],
): DynamicModule {
  return {
    module: IdempotencyModule,
    // It has to be there before any GraphQLModule starts.
    global: true,
    imports: [...imports, ShutdownModule],
    providers: [options, { provide: NEST_SERVER, useClass: NestServer }],
    exports: [NEST_SERVER],
  };
}
