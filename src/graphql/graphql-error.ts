import { GraphQLError, type ASTNode } from 'graphql';
import {
  brandError,
  IDEMPOTENCY_ERRORS,
  type IdempotencyError,
  type IdempotencyErrorCode,
} from '../core/errors.js';

/** The form of a refusal in HTTP. */
export type HttpStatusPolicy =
  /** The server decides: 200 when the error comes from a field. */
  | 'unset'
  /** 200, said explicitly, for errors outside of any field. */
  | 'ok'
  /** The status of the IETF draft, with `Retry-After` and `Link`. */
  | 'mapped';

/**
 * The GraphQL error that clients see.
 *
 * @param documentationUrl - the page that explains the codes, if there is one
 */
export function toGraphQLError(
  error: IdempotencyError,
  policy: HttpStatusPolicy,
  documentationUrl: string | undefined,
): GraphQLError {
  const { code, retryable, retryAfterMs } = error;
  const known = IDEMPOTENCY_ERRORS[code];
  const hint = 'hint' in known ? { hint: known.hint } : {};
  const link = documentationUrl && sectionOf(documentationUrl, code);
  const graphQLError = new GraphQLError(error.message, {
    originalError: error,
    extensions: {
      code,
      retryable,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...hint,
      ...(link === undefined ? {} : { documentationUrl: link }),
      ...httpExtension(error, policy, link),
    },
  });
  brandError(graphQLError);
  return graphQLError;
}

/** The section about a code, whose anchor is the code in kebab case. */
function sectionOf(documentationUrl: string, code: IdempotencyErrorCode): string {
  return `${documentationUrl}#${code.toLowerCase().replaceAll('_', '-')}`;
}

function httpExtension(
  error: IdempotencyError,
  policy: HttpStatusPolicy,
  link: string | undefined,
): object {
  if (policy === 'unset') return {};
  const headers = new Map<string, string>();
  if (policy === 'ok') return { http: { status: 200, headers } };
  if (error.retryAfterMs !== undefined) {
    headers.set('retry-after', String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000))));
  }
  if (link !== undefined) headers.set('link', `<${link}>; rel="describedby"; type="text/html"`);
  return { http: { status: IDEMPOTENCY_ERRORS[error.code].httpStatus, headers } };
}

/** A client's mistake in the arguments. */
export function badUserInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** The error of a wrong document, as validation reports it. */
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
