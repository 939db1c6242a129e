import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { IdempotencyModule } from 'graphql-idempotency/nestjs';
import { Ledger } from './ledger.js';
import { PaymentResolver, type Context } from './payments.js';
import { openStore, type RecordStore } from './store.js';

const STORE = Symbol('store');

/** The store of records. Nest ends it when the GraphQL server has stopped. */
@Module({ providers: [{ provide: STORE, useFactory: openStore }], exports: [STORE] })
export class StoreModule implements OnModuleDestroy {
  readonly #store: RecordStore;

  constructor(@Inject(STORE) store: RecordStore) {
    this.#store = store;
  }

  onModuleDestroy(): Promise<void> {
    return this.#store.disconnect();
  }
}

/** The application. */
@Module({
  imports: [
    IdempotencyModule.forRootAsync({
      imports: [StoreModule],
      inject: [STORE],
      useFactory: ({ store }: RecordStore) => ({ store, scope: ({ user }: Context) => user }),
    }),
    GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      autoSchemaFile: true,
      context: ({ req }: { req: { headers: { authorization?: string } } }): Context => ({
        user: req.headers.authorization ?? '',
      }),
    }),
  ],
  providers: [Ledger, PaymentResolver],
})
export class AppModule {}
