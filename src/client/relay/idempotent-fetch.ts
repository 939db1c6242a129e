import { IdempotentMutations, type KeyedMutation } from '../core/idempotent-mutations.js';
import { parseDocument } from '../core/parse-document.js';
import type { IdempotencyClientOptions } from '../core/settings.js';
import { intentOf } from './intent-config.js';
import { MutationSending } from './mutation-sending.js';
import type {
  RelayCacheConfig,
  RelayFetchContext,
  RelayFetchFunction,
  RelayRequest,
  RelaySubscribable,
} from './relay-types.js';

const WHO = 'idempotentFetch';
const NO_HEADERS = Object.freeze({});

/** Functions that were made here. */
const wrapped = new WeakSet();

/**
 * Wraps the fetch function of a Relay network: it gives each marked mutation one key, puts it where the
 * server looks for it, and sends the mutation again with that key while the server refuses it for now
 * or no answer comes. Queries and unmarked mutations are fetched as before.
 *
 * Each call of `commitMutation` is an intent, unless it brings its key with `intentConfig`.
 *
 * @param fetchFunction - Relay's fetch function; its third argument has the `headers` to send
 *
 * @example
 * ```ts
 * const network = Network.create(
 *   idempotentFetch((request, variables, { headers }) => send(request, variables, headers), {
 *     operations: idempotentOperations,
 *   }),
 * );
 * ```
 *
 * @throws TypeError that lists every wrong option, or if the function is wrapped already
 */
export function idempotentFetch<TResponse>(
  fetchFunction: RelayFetchFunction<RelayFetchContext, TResponse>,
  options: IdempotencyClientOptions,
): RelayFetchFunction<RelayCacheConfig, TResponse> {
  if (typeof fetchFunction !== 'function') {
    throw new TypeError(`${WHO}: give it the fetch function of the network.`);
  }
  if (wrapped.has(fetchFunction)) {
    throw new TypeError(`${WHO}: the function is wrapped already. Wrap it once.`);
  }
  const mutations = new IdempotentMutations(options, WHO);
  const fetchOnce: RelayFetchFunction<RelayCacheConfig, TResponse> = (
    request,
    variables,
    cacheConfig,
    uploadables,
  ) => {
    const { key, onAnswer } = intentOf(cacheConfig);
    let mutation: KeyedMutation | undefined;
    try {
      mutation = keyed(mutations, request, variables, key);
    } catch (error) {
      return failing(error as Error);
    }
    if (mutation === undefined) {
      const context = { ...cacheConfig, headers: NO_HEADERS };
      return fetchFunction(request, variables, context, uploadables);
    }
    const { headers, variables: sent } = mutation;
    const context = { ...cacheConfig, headers };
    const attempts = mutations.attempts(mutation);
    const { clock } = mutations.settings;
    const send = () => fetchFunction(request, sent, context, uploadables);
    return {
      subscribe: (observer) => new MutationSending({ send, attempts, clock, onAnswer }, observer),
    };
  };
  wrapped.add(fetchOnce);
  return fetchOnce;
}

function keyed(
  mutations: IdempotentMutations,
  { name, operationKind, text }: RelayRequest,
  variables: Readonly<Record<string, unknown>>,
  key: unknown,
): KeyedMutation | undefined {
  if (operationKind !== 'mutation') return undefined;
  const document = text === null ? undefined : parseDocument(text);
  return mutations.keyed({ operationName: name, variables, headers: {}, document, key });
}

function failing<T>(error: Error): RelaySubscribable<T> {
  return {
    subscribe(observer) {
      observer.error?.(error);
      return { closed: true, unsubscribe: () => undefined };
    },
  };
}
