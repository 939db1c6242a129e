import { makeOperation, type Operation, type OperationResult } from '@urql/core';
import type { Attempts } from '../core/attempts.js';
import type { IdempotentMutations } from '../core/idempotent-mutations.js';
import { retryableRefusal } from '../core/refusal.js';
import { operationNameOf } from '../core/root-fields.js';

/** Says which of the mutations in flight an operation belongs to: two may be equal. */
export function instanceOf({ key, context }: Operation): string {
  return `${String(key)} ${String(context._instance)}`;
}

/** An operation with its key in its place, and how often it was sent. */
export interface SentMutation {
  readonly operation: Operation;
  readonly attempts: Attempts;
}

/**
 * Gives an operation its key, if it is a marked mutation. Its context has the key from now on, so that
 * whatever sends it again sends the same key.
 *
 * @throws IdempotencyError `IDEMPOTENCY_KEY_INVALID`
 */
export function keyedOperation(
  mutations: IdempotentMutations,
  operation: Operation,
): SentMutation | undefined {
  if (operation.kind !== 'mutation') return undefined;
  const { context, query } = operation;
  const headers = headersOf(context.fetchOptions);
  const mutation = mutations.keyed({
    operationName: operationNameOf(query) || undefined,
    variables: operation.variables ?? {},
    document: query,
    headers,
    key: context['idempotencyKey'],
  });
  if (mutation === undefined) return undefined;
  const { key, variables } = mutation;
  const isAdded = mutation.headers !== headers;
  const header = isAdded ? { [mutations.settings.header]: key } : {};
  return {
    operation: makeOperation(
      operation.kind,
      { ...operation, variables },
      { ...context, idempotencyKey: key, ...withHeader(context.fetchOptions, header) },
    ),
    attempts: mutations.attempts(mutation),
  };
}

/** The refusal in a result that a retry may cure. */
export function refusalOf({ error }: OperationResult): ReturnType<typeof retryableRefusal> {
  if (error === undefined || error.networkError !== undefined) return undefined;
  return retryableRefusal({ errors: error.graphQLErrors });
}

type FetchOptions = Operation['context']['fetchOptions'];

/** A function is asked anew for each request: it may know a newer token. */
function withHeader(
  given: FetchOptions,
  header: Readonly<Record<string, string>>,
): { fetchOptions?: NonNullable<FetchOptions> } {
  if (Object.keys(header).length === 0) return {};
  const added = (options: RequestInit = {}): RequestInit => ({
    ...options,
    headers: { ...entriesOf(options), ...header },
  });
  return { fetchOptions: typeof given === 'function' ? () => added(given()) : added(given) };
}

function headersOf(given: FetchOptions): Readonly<Record<string, string>> {
  return entriesOf(typeof given === 'function' ? given() : given);
}

function entriesOf({ headers }: RequestInit = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(new Headers(headers));
}
