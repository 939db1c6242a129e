import { ApolloDriver } from '@nestjs/apollo';
import { Module, type INestApplication, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule, type GqlModuleOptions } from '@nestjs/graphql';
import { MemoryStore } from '../../src/index.js';
import { IdempotencyModule, type IdempotencyModuleOptions } from '../../src/nestjs/index.js';

/** The answer to a client. */
export interface NestAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
  readonly extensions?: {
    readonly idempotency?: Readonly<Record<string, { readonly status: string }>>;
  };
}

/** An application that listens. */
export interface NestApp {
  readonly app: INestApplication;
  readonly send: (query: string) => Promise<NestAnswer>;
}

/** The parts of an application of these tests; the rest is usual. */
export interface NestParts {
  readonly idempotency?: Partial<IdempotencyModuleOptions>;
  readonly graphql?: Partial<GqlModuleOptions> & Readonly<Record<string, unknown>>;
  /** In place of the IdempotencyModule. */
  readonly modules?: ModuleMetadata['imports'];
  readonly imports?: ModuleMetadata['imports'];
  readonly providers?: ModuleMetadata['providers'];
  readonly controllers?: ModuleMetadata['controllers'];
  /** Called before it starts. */
  readonly configure?: (app: INestApplication) => void;
}

/** The module with the options that a test gives. */
export function idempotency(options: Partial<IdempotencyModuleOptions> = {}): {
  readonly module: typeof IdempotencyModule;
} {
  return IdempotencyModule.forRoot({
    store: new MemoryStore(),
    scope: 'global',
    ...options,
  }) as { readonly module: typeof IdempotencyModule };
}

/** Starts a Nest application over Apollo Server. */
export async function startNest(parts: NestParts): Promise<NestApp> {
  class App {}
  Module({
    imports: [
      ...(parts.imports ?? []),
      GraphQLModule.forRoot({
        driver: ApolloDriver,
        autoSchemaFile: true,
        playground: false,
        ...parts.graphql,
      } as GqlModuleOptions),
      ...(parts.modules ?? [idempotency(parts.idempotency)]),
    ],
    providers: parts.providers ?? [],
    controllers: parts.controllers ?? [],
  })(App);
  const app = await NestFactory.create(App, { logger: false, abortOnError: false });
  parts.configure?.(app);
  try {
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await app.close().catch(() => undefined);
    throw error;
  }
  const url = `${await app.getUrl()}/graphql`;
  return {
    app,
    async send(query) {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ query });
      const response = await fetch(url, { method: 'POST', headers, body });
      return (await response.json()) as NestAnswer;
    },
  };
}

/** The end of a mutation: the status of its field, or the code of its error. */
export function endOf({ errors, extensions }: NestAnswer, field = 'pay'): unknown {
  const status = extensions?.idempotency?.[field]?.status;
  return errors?.[0] === undefined ? status : errors[0].extensions['code'];
}
