import { GraphQLError } from 'graphql';
import { IdempotencyError } from '../../core/errors.js';

/**
 * Errors with these codes say that the request was turned down before it had an effect.
 * `UNAUTHORIZED` is what TypeGraphQL calls `FORBIDDEN`.
 */
const DECLINED = new Set<unknown>([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'UNAUTHORIZED',
  'BAD_USER_INPUT',
]);

/** Whether an error says that the request was turned down before it had an effect. */
export function isDeclined(error: unknown): boolean {
  return DECLINED.has(codeOf(error));
}

/** Whether an error is an answer: a GraphQLError that somebody chose to throw. */
export function isOnPurpose(error: unknown): error is GraphQLError {
  if (!isGraphQLError(error) || IdempotencyError.is(error)) return false;
  const { originalError } = error;
  // One that only carries another error was made around a failure.
  if (originalError != null && !isOnPurpose(originalError)) return false;
  const code = codeOf(error);
  return !DECLINED.has(code) && code !== 'INTERNAL_SERVER_ERROR';
}

/** By name too: bundlers can load `graphql` twice, and then `instanceof` fails. */
function isGraphQLError(error: unknown): error is GraphQLError {
  return error instanceof GraphQLError || (error instanceof Error && error.name === 'GraphQLError');
}

function codeOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('extensions' in error)) return undefined;
  const { extensions } = error;
  return typeof extensions === 'object' && extensions !== null && 'code' in extensions
    ? extensions.code
    : undefined;
}

/** Properties that every GraphQLError has; one with more means something to whoever made it. */
const USUAL = new Set<PropertyKey>([
  'message',
  'stack',
  'path',
  'locations',
  'nodes',
  'source',
  'positions',
  'originalError',
  'cause',
  'extensions',
  'name',
]);

/**
 * Whether an error is a GraphQLError that is its message and its extensions: `formatError` and others can tell a
 * subclass, or one with properties of its own, from its copy.
 */
export function isPlainError(error: unknown): error is GraphQLError {
  return (
    error instanceof GraphQLError &&
    Object.getPrototypeOf(error) === GraphQLError.prototype &&
    error.originalError == null &&
    Reflect.ownKeys(error).every((name) => USUAL.has(name))
  );
}

/** The stored form of an error: its message and extensions, never its place. */
export interface StoredError {
  readonly message: string;
  readonly extensions: Record<string, unknown>;
  readonly http: StoredHttp | undefined;
}

/** An error's wishes for the HTTP response. */
export interface StoredHttp {
  readonly status: unknown;
  readonly headers: [string, string][];
}

/** An error in the form in which it is stored. */
export function storedErrorOf(error: GraphQLError): StoredError {
  const { http, ...extensions } = error.extensions as { http?: unknown } & Record<string, unknown>;
  return { message: error.message, extensions, http: storedHttpOf(http) };
}

/** `extensions.http` of an error in the form in which it is stored. */
export function storedHttpOf(http: unknown): StoredHttp | undefined {
  if (typeof http !== 'object' || http === null) return undefined;
  const { status, headers } = http as { status?: unknown; headers?: unknown };
  return {
    status,
    headers: headers instanceof Map ? [...(headers as Map<string, string>).entries()] : [],
  };
}

/** The error of a {@link StoredError}. */
export function errorFrom({ message, extensions, http }: StoredError): GraphQLError {
  const httpPart =
    http === undefined ? {} : { http: { status: http.status, headers: new Map(http.headers) } };
  return new GraphQLError(message, { extensions: { ...extensions, ...httpPart } });
}
