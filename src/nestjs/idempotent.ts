import { UseInterceptors } from '@nestjs/common';
import { Directive } from '@nestjs/graphql';
import {
  checkedPolicy,
  directiveUse,
  type IdempotentOptions,
} from '../graphql/schema/mark-options.js';
import { DoorInterceptor } from './methods/door-interceptor.js';
import { handlerRun } from './methods/handler-run.js';
import { markMethod } from './methods/method-mark.js';
import { shareNestTypes } from './object-types.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Marks a `@Mutation()` method as idempotent: with the directive in its SDL, and with the door that
 * answers a retry, after guards and before pipes. Needs the `IdempotencyModule`.
 *
 * In a schema-first application, whose SDL may carry `@idempotent` itself, it is the door.
 *
 * @param options - what this mutation decides for itself; the module's options are the defaults
 * @throws Error when an option is unknown or out of range
 */
export function Idempotent<TContext extends object = object>(
  options: IdempotentOptions<TContext> = {},
): MethodDecorator {
  const { recover, ...given } = options;
  const policy = checkedPolicy(given);
  shareNestTypes();
  return (target, property, descriptor) => {
    const method: unknown = (descriptor as PropertyDescriptor | undefined)?.value;
    if (typeof method !== 'function') {
      throw new Error(`@Idempotent: ${String(property)} is not a method.`);
    }
    const handler = handlerOf(method as Method);
    (descriptor as PropertyDescriptor).value = handler;
    markMethod(handler, { policy, door: { recover } });
    Directive(directiveUse(policy))(target, property, descriptor);
    UseInterceptors(DoorInterceptor)(target, property, descriptor);
  };
}

/** The method, telling the door that it was reached. */
function handlerOf(method: Method): Method {
  const handler: Method = function (...args) {
    const run = handlerRun.getStore();
    if (run !== undefined) run.isEntered = true;
    return method.apply(this, args);
  };
  // Nest reads the name, and decorators below this one have left their metadata at the method.
  Object.defineProperty(handler, 'name', { value: method.name, configurable: true });
  Object.defineProperty(handler, 'length', { value: method.length, configurable: true });
  for (const key of Reflect.getMetadataKeys(method) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, method), handler);
  }
  return handler;
}
