import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { AbstractGraphQLDriver } from '@nestjs/graphql';
import { IdempotencyRuntime } from '../graphql/runtime.js';
import { startError } from '../graphql/schema/wrap-field.js';
import { EquippedDriver } from './equipped-driver.js';
import { MODULE_OPTIONS, type IdempotencyModuleOptions } from './module-options.js';
import { instancesOf, misplacedMarks, resolverMethods } from './methods/resolver-methods.js';
import { openDoors } from './schema-doors.js';

/** Under which the module provides its {@link NestServer}. */
export const NEST_SERVER = Symbol.for('graphql-idempotency.nestjs.server');

const NAME = 'IdempotencyModule';

/** Idempotency for all GraphQL servers of one Nest application. */
@Injectable()
export class NestServer implements OnModuleInit {
  readonly storesHttpExceptions: boolean;
  readonly #modules: ModulesContainer;
  readonly #runtime: IdempotencyRuntime<object>;
  readonly #problems: string[] = [];
  #drivers: readonly EquippedDriver[] = [];

  constructor(
    @Inject(MODULE_OPTIONS) given: IdempotencyModuleOptions<object>,
    @Inject(ModulesContainer) modules: ModulesContainer,
  ) {
    // Without types one may give nothing at all, and is told so at start.
    const { storeHttpExceptions = false, ...options } = { ...given };
    if (typeof (storeHttpExceptions as unknown) !== 'boolean') {
      this.#problems.push(
        `storeHttpExceptions must be true or false, not ${String(storeHttpExceptions)}.`,
      );
    }
    this.storesHttpExceptions = storeHttpExceptions;
    this.#modules = modules;
    this.#runtime = new IdempotencyRuntime(options, NAME);
  }

  /**
   * Equips the GraphQL drivers of the application. The module is global, so that this comes before
   * they build their schemas.
   *
   * @throws Error that lists every misuse
   */
  onModuleInit(): void {
    const methods = resolverMethods(this.#modules);
    const problems = [...this.#problems, ...misplacedMarks(methods)];
    if (instancesOf(this.#modules, NEST_SERVER).length > 1) {
      problems.push(
        'it was imported twice: call forRoot or forRootAsync once, in the root module.',
      );
    }
    this.#drivers = instancesOf<AbstractGraphQLDriver>(
      this.#modules,
      AbstractGraphQLDriver,
    ).flatMap((driver) => {
      const equipped = new EquippedDriver(driver, {
        runtime: this.#runtime,
        name: NAME,
        adopt: (schema, include) => {
          const reached = methods.filter(({ host }) => include === undefined || include.has(host));
          const found = openDoors(schema, reached);
          if (found.length > 0) throw startError(NAME, found);
          this.#runtime.prepare(schema);
          return schema;
        },
      });
      problems.push(...equipped.problems);
      return equipped;
    });
    if (problems.length > 0) throw startError(NAME, problems);
  }

  /** Stops the GraphQL servers that Nest is about to stop, as far as they stop in this phase. */
  async stop(phase: 'onModuleDestroy' | 'onApplicationShutdown'): Promise<void> {
    const stopping = this.#drivers.filter((driver) => driver.stopsIn(phase));
    await Promise.all(stopping.map((driver) => driver.stop()));
  }
}
