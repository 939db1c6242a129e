import { GraphQLError, type ASTNode } from 'graphql';
import { brandError, IDEMPOTENCY_ERRORS, type IdempotencyError } from '../core/errors.js';

/** How a refusal shows in HTTP. */
export type HttpStatusPolicy =
  /** The server decides: 200 when the error comes from a field. */
  | 'unset'
  /** 200, said explicitly, for errors outside of any field. */
  | 'ok'
  /** The status that the IETF draft gives to it, and `Retry-After`. */
  | 'mapped';

/** The GraphQL error that clients see. */
export function toGraphQLError(error: IdempotencyError, policy: HttpStatusPolicy): GraphQLError {
  const { code, retryable, retryAfterMs } = error;
  const known = IDEMPOTENCY_ERRORS[code];
  const hint = 'hint' in known ? { hint: known.hint } : {};
  const graphQLError = new GraphQLError(error.message, {
    originalError: error,
    extensions: {
      code,
      retryable,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...hint,
      ...httpExtension(error, policy),
    },
  });
  brandError(graphQLError);
  return graphQLError;
}

function httpExtension(error: IdempotencyError, policy: HttpStatusPolicy): object {
  if (policy === 'unset') return {};
  const headers = new Map<string, string>();
  if (policy === 'ok') return { http: { status: 200, headers } };
  if (error.retryAfterMs !== undefined) {
    headers.set('retry-after', String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000))));
  }
  return { http: { status: IDEMPOTENCY_ERRORS[error.code].httpStatus, headers } };
}

/** A client's mistake in the arguments. */
export function badUserInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** That a document is wrong, in the form that validation gives to it. */
export function documentError({
  message,
  node,
}: {
  readonly message: string;
  readonly node: ASTNode;
}): GraphQLError {
  return new GraphQLError(message, {
    nodes: node,
    extensions: {
      code: 'GRAPHQL_VALIDATION_FAILED',
      http: { status: 400, headers: new Map() },
    },
  });
}
