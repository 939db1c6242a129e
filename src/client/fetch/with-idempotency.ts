import type { RetryCause } from '../core/attempts.js';
import { IdempotentMutations, type KeyedMutation } from '../core/idempotent-mutations.js';
import { refusalInText } from '../core/refusal.js';
import { sendUntilAnswered } from '../core/send-until-answered.js';
import type { IdempotencyClientOptions } from '../core/settings.js';
import {
  batchOf,
  isAnswer,
  isMutation,
  parseBody,
  parseJson,
  textWith,
  type GraphQLBody,
} from './graphql-body.js';

/** A function that sends: `fetch`, or one with its signature. */
export type Fetcher = typeof fetch;

/** A marked mutation, and the body that carries it. */
interface KeyedBody {
  readonly mutation: KeyedMutation;
  readonly text: string;
}

/** Between the server and the client, something says that it has no answer. */
const NO_ANSWER = new Set([502, 503, 504]);

/**
 * A `fetch` that gives each marked mutation one key, puts it where the server looks for it, and sends
 * it again with that key while the server refuses it for now or no answer comes. For `fetch` itself
 * and whatever takes one: graphql-request, and the functions that TanStack Query calls.
 *
 * Each call is an intent, unless it brings its key in the header or in its variable. What is no
 * marked mutation passes untouched.
 *
 * @example
 * ```ts
 * const send = withIdempotency(fetch, { operations: idempotentOperations });
 * ```
 *
 * @throws TypeError that lists every wrong option
 */
export function withIdempotency(fetcher: Fetcher, options: IdempotencyClientOptions): Fetcher {
  if (typeof fetcher !== 'function') throw new TypeError('withIdempotency: give it a fetch.');
  const mutations = new IdempotentMutations(options, 'withIdempotency');
  return async (input, init) => {
    const text = await bodyOf(input, init);
    const headers = Object.fromEntries(headersOf(input, init));
    const keyed = text === undefined ? undefined : keyedBody(mutations, text, headers);
    if (keyed === undefined) return fetcher(input, init);
    const request: RequestInit = { ...init, headers: keyed.mutation.headers, body: keyed.text };
    const signal = init?.signal ?? (isRequest(input) ? input.signal : undefined);
    return sendUntilAnswered(mutations.attempts(keyed.mutation), {
      // A request's own body can be read once: each attempt gets a copy.
      send: () => fetcher(isRequest(input) ? input.clone() : input, request),
      causeOf,
      signal: signal ?? undefined,
      clock: mutations.settings.clock,
    });
  };
}

function keyedBody(
  mutations: IdempotentMutations,
  text: string,
  headers: Readonly<Record<string, string>>,
): KeyedBody | undefined {
  refuseBatch(mutations, text);
  const body = parseBody(text);
  if (body === undefined || !mayBeMarked(mutations, body)) return undefined;
  const { operationName, variables, document } = body;
  const mutation = mutations.keyed({ operationName, variables, document, headers });
  return mutation && { mutation, text: textWith(text, body, mutation.variables) };
}

/** The map knows names of mutations only; a predicate is asked about nothing else. */
function mayBeMarked({ settings }: IdempotentMutations, body: GraphQLBody): boolean {
  return isMutation(body) ?? settings.isIdempotent === undefined;
}

/** A batch shares its headers, is retried as a whole, and is answered as a list. */
function refuseBatch(mutations: IdempotentMutations, text: string): void {
  for (const one of batchOf(text) ?? []) {
    const body = parseBody(JSON.stringify(one));
    if (body === undefined || !mayBeMarked(mutations, body)) continue;
    const { operationName, variables } = body;
    if (mutations.keyed({ operationName, variables, headers: {} }) === undefined) continue;
    throw new TypeError(
      `withIdempotency: ${operationName ?? 'A mutation'} is idempotent and cannot be sent in a ` +
        'batch. Send it by itself.',
    );
  }
}

/** The reason for asking for a response again. Rejects if its body breaks off. */
async function causeOf(response: Response): Promise<RetryCause | undefined> {
  const isJson = saysJson(response.headers);
  const text = isJson ? await response.clone().text() : '';
  return (
    refusalInText(text) ??
    (NO_ANSWER.has(response.status) && !isAnswer(parseJson(text)) ? {} : undefined)
  );
}

/** The body, if it is a text. */
async function bodyOf(
  input: Parameters<Fetcher>[0],
  init: RequestInit | undefined,
): Promise<string | undefined> {
  if (init?.body != null) return typeof init.body === 'string' ? init.body : undefined;
  if (!isRequest(input) || input.body === null) return undefined;
  // Only what says that it is JSON: a copy of anything else may be large.
  return saysJson(input.headers) ? input.clone().text() : undefined;
}

function saysJson(headers: Headers): boolean {
  return /\bjson\b/.test(headers.get('content-type') ?? '');
}

function headersOf(input: Parameters<Fetcher>[0], init: RequestInit | undefined): Headers {
  return new Headers(init?.headers ?? (isRequest(input) ? input.headers : undefined));
}

function isRequest(input: Parameters<Fetcher>[0]): input is Request {
  return typeof input === 'object' && 'clone' in input;
}
