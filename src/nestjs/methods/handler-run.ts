import { AsyncLocalStorage } from 'node:async_hooks';
import { HttpException } from '@nestjs/common';
import { GraphQLError } from 'graphql';
import type { ErrorMeaning } from '../../graphql/schema/registry.js';

/** One run of what stands inside of the door: interceptors, pipes, and the resolver method. */
export interface HandlerRun {
  /** Whether the method was reached: what threw before it is a pipe. */
  isEntered: boolean;
}

/** Nothing that Nest hands to a method tells which request calls it. */
export const handlerRun = new AsyncLocalStorage<HandlerRun>();

/** Statuses that turn a request down, as the codes do which Nest gives to their errors. */
const DECLINING = new Set([400, 401, 403, 422]);
/** Statuses that say nothing of the request, but to come again. */
const COME_AGAIN = new Set([408, 425, 429]);

/** The meaning of an error that came out of a run. */
export function meaningOf(
  error: unknown,
  { isEntered }: HandlerRun,
  storesHttpExceptions: boolean,
): ErrorMeaning | undefined {
  if (!isEntered) return isRefusal(error) ? 'declined' : undefined;
  if (!(error instanceof HttpException)) return undefined;
  const status = error.getStatus();
  if (DECLINING.has(status)) return 'declined';
  if (!storesHttpExceptions || status < 400 || status >= 500) return undefined;
  return COME_AGAIN.has(status) ? undefined : 'answer';
}

/** Whether an error is meant for the client, and not a failure. */
function isRefusal(error: unknown): boolean {
  return error instanceof HttpException ? error.getStatus() < 500 : error instanceof GraphQLError;
}
