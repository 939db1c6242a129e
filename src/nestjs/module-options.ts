import type { FactoryProvider, ModuleMetadata } from '@nestjs/common';
import type { IdempotencyOptions } from '../core/options/options.js';

/** The options of `IdempotencyModule`: those of `idempotencyPlugin`, and what only Nest has. */
export interface IdempotencyModuleOptions<TContext = unknown> extends IdempotencyOptions<TContext> {
  /**
   * Whether an `HttpException` that a resolver method throws is its answer, kept and replayed as a
   * GraphQLError is: those with a status from 400 to 499, except 400, 401, 403 and 422, which turn a
   * request down, and 408, 425 and 429, which ask to come again. Exceptions of guards and pipes are
   * never kept.
   * @defaultValue false: such an exception is a failure, as any other error is, and `onError` decides
   */
  readonly storeHttpExceptions?: boolean | undefined;
}

/** Options of `IdempotencyModule.forRootAsync`. */
export interface IdempotencyModuleAsyncOptions<TContext = unknown> {
  /** Modules that export what the factory needs. */
  readonly imports?: ModuleMetadata['imports'];
  /** The providers that the factory is called with. */
  readonly inject?: FactoryProvider['inject'];
  /** Makes the options. */
  readonly useFactory: FactoryProvider<
    IdempotencyModuleOptions<TContext> | Promise<IdempotencyModuleOptions<TContext>>
  >['useFactory'];
}

/** Under which the module provides its options. */
export const MODULE_OPTIONS = Symbol.for('graphql-idempotency.nestjs.options');
