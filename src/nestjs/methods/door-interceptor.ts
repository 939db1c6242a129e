import {
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type OnModuleInit,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { GraphQLResolveInfo } from 'graphql';
import { defer, lastValueFrom, type Observable } from 'rxjs';
import { runtimeOf } from '../../graphql/schema/wrap-field.js';
import { handlerRun, meaningOf, type HandlerRun } from './handler-run.js';
import { markOfMethod } from './method-mark.js';
import { NEST_SERVER, type NestServer } from '../nest-server.js';
import { instancesOf, resolverMethods } from './resolver-methods.js';

type ResolverArguments = [unknown, Readonly<Record<string, unknown>>, object, GraphQLResolveInfo];

/** The door of a marked mutation: Nest calls interceptors after guards and before pipes. */
@Injectable()
export class DoorInterceptor implements NestInterceptor, OnModuleInit {
  readonly #modules: ModulesContainer;
  #storesHttpExceptions = false;

  constructor(@Inject(ModulesContainer) modules: ModulesContainer) {
    this.#modules = modules;
  }

  /** @throws Error when there is no IdempotencyModule */
  onModuleInit(): void {
    const [server] = instancesOf<NestServer>(this.#modules, NEST_SERVER);
    if (server === undefined) {
      const marked = resolverMethods(this.#modules).filter(({ mark }) => mark !== undefined);
      throw new Error(
        `${marked.map(({ place }) => place).join(', ')}: marked with @Idempotent(), but the application ` +
          'has no IdempotencyModule. Add IdempotencyModule.forRoot({ store, scope }) to the imports of ' +
          'its root module.',
      );
    }
    this.#storesHttpExceptions = server.storesHttpExceptions;
  }

  intercept(executionContext: ExecutionContext, next: CallHandler): Observable<unknown> {
    const [, args, context, info] = executionContext.getArgs<ResolverArguments>();
    const mark = markOfMethod(executionContext.getHandler());
    if (mark === undefined) throw new Error('The door stands in front of a method without a mark.');
    const run: HandlerRun = { isEntered: false };
    return defer(() =>
      runtimeOf(context, info).enter(mark.door, {
        info,
        args,
        context,
        next: () => {
          run.isEntered = false;
          return handlerRun.run(run, () => lastValueFrom(next.handle()));
        },
        meaningOf: (error) => meaningOf(error, run, this.#storesHttpExceptions),
      }),
    );
  }
}
