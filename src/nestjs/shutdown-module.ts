import {
  Inject,
  Injectable,
  Module,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { NEST_SERVER, type NestServer } from './nest-server.js';

/**
 * Stops the GraphQL servers before any other module ends: while they drain, outcomes are stored, and
 * the module that provides the store's client may be any.
 */
@Injectable()
class EarlyStop implements OnModuleDestroy, OnApplicationShutdown {
  readonly #server: NestServer;

  constructor(
    @Inject(NEST_SERVER) server: NestServer,
    @Inject(ModulesContainer) modules: ModulesContainer,
  ) {
    this.#server = server;
    for (const module of modules.values()) {
      // Nest ends modules by their distance from the root module, which has the smallest: 0.
      if (module.metatype === ShutdownModule) module.distance = -1;
    }
  }

  onModuleDestroy(): Promise<void> {
    return this.#server.stop('onModuleDestroy');
  }

  onApplicationShutdown(): Promise<void> {
    return this.#server.stop('onApplicationShutdown');
  }
}

/** Holds {@link EarlyStop}, so that it has a place of its own in Nest's order. */
@Module({ providers: [EarlyStop] })
export class ShutdownModule {}
