import {
  Injectable,
  Module,
  type CanActivate,
  type ExecutionContext,
  type Type,
} from '@nestjs/common';
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core';
import { GqlExecutionContext, GraphQLModule, type GqlModuleOptions } from '@nestjs/graphql';
import { IdempotencyModule } from '../../src/nestjs/index.js';
import type { Door, DoorAnswer, DoorContext } from './door.js';
import { sendOverSocket } from './mercurius-door.js';
import { Payments } from './payments.js';

/** The guard in front of `pay`, as Nest has guards. */
@Injectable()
export class PaymentsGuard implements CanActivate {
  readonly #payments: Payments;

  constructor(payments: Payments) {
    this.#payments = payments;
  }

  canActivate(context: ExecutionContext): boolean {
    const { user } = GqlExecutionContext.create(context).getContext<DoorContext>();
    return this.#payments.admits(user);
  }
}

/** What a request brings to GraphQL. */
interface Request {
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** What an application runs on, if it is not Express and HTTP. */
export interface NestHost {
  readonly createAdapter?: () => AbstractHttpAdapter;
  readonly isSocket?: boolean;
}

/**
 * A Nest application.
 *
 * @param graphql - the options of its GraphQLModule
 * @param providers - its resolvers and what belongs to them
 */
export function nestDoor(
  name: string,
  graphql: Partial<GqlModuleOptions> & {
    readonly driver: Type;
    readonly [option: string]: unknown;
  },
  providers: readonly Type[],
  { createAdapter, isSocket = false }: NestHost = {},
): Door<Payments> {
  return {
    name,
    hasHeaders: !isSocket,
    takesBatches: !isSocket,
    async start(payments, options) {
      class App {}
      Module({
        imports: [
          IdempotencyModule.forRoot(options),
          GraphQLModule.forRoot({
            path: '/',
            playground: false,
            allowBatchedHttpRequests: true,
            context: ({ req }: { req: Request }): DoorContext => ({
              user: req.headers['authorization'] ?? '',
            }),
            ...graphql,
          } as GqlModuleOptions),
        ],
        providers: [{ provide: Payments, useValue: payments }, ...providers],
      })(App);
      const settings = { logger: false, abortOnError: false } as const;
      const app = createAdapter
        ? await NestFactory.create(App, createAdapter(), settings)
        : await NestFactory.create(App, settings);
      await app.listen(0, '127.0.0.1');
      const url = await app.getUrl();
      const abandoned = new AbortController();
      async function post(
        body: unknown,
        user: string,
        key: string | undefined,
      ): Promise<{ body: unknown; headers: Headers }> {
        const response = await fetch(url, {
          method: 'POST',
          signal: abandoned.signal,
          headers: {
            'content-type': 'application/json',
            authorization: user,
            ...(key === undefined ? {} : { 'idempotency-key': key }),
          },
          body: JSON.stringify(body),
        });
        return { body: await response.json(), headers: response.headers };
      }
      return {
        async send({ query, variables, key, user = 'alice' }) {
          if (isSocket) {
            const { send } = sendOverSocket(url, '/');
            return send({ query, ...(variables && { variables }), user });
          }
          const { body, headers } = await post({ query, variables }, user, key);
          return { body: body as DoorAnswer, replayedHeader: headers.get('idempotent-replayed') };
        },
        async sendBatch(queries, key) {
          const { body } = await post(
            queries.map((query) => ({ query })),
            'alice',
            key,
          );
          return body as DoorAnswer[];
        },
        async stop() {
          // The HTTP server would wait for whoever still waits for an answer.
          if (options.drainTimeoutMs === 0) abandoned.abort();
          await app.close();
        },
      };
    },
  };
}
