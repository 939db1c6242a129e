import type { TypedDocumentString } from './generated/graphql.js';

/** The answer of a server. */
export interface Answer<TResult> {
  readonly status: number;
  readonly headers: Headers;
  readonly data: TResult | null | undefined;
  readonly errors: readonly AnswerError[];
  readonly extensions:
    | {
        readonly idempotency?: Readonly<
          Record<string, { readonly status: string; readonly attempt?: number }>
        >;
      }
    | undefined;
  /** Whether the header says that every marked field was a replay. */
  readonly replayed: boolean;
}

/** An error in an answer. */
export interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: {
    readonly code?: string;
    readonly retryable?: boolean;
    readonly retryAfterMs?: number;
  };
}

/** A client whose operations are generated. */
export interface Client {
  send<TResult, TVariables>(
    document: TypedDocumentString<TResult, TVariables>,
    variables: TVariables,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer<TResult>>;
  /** Sends any text. */
  post(
    query: string,
    variables?: Readonly<Record<string, unknown>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer<Record<string, unknown>>>;
}

/** A client of the payments server, for one caller; none sends no `Authorization`. */
export function createClient(url: string, caller: string | undefined): Client {
  async function post<TResult>(
    query: string,
    variables: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<TResult>> {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(caller === undefined ? {} : { authorization: `Bearer ${caller}` }),
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as Partial<Answer<TResult>>;
    return {
      status: response.status,
      headers: response.headers,
      data: body.data,
      errors: body.errors ?? [],
      extensions: body.extensions,
      replayed: response.headers.get('idempotent-replayed') === 'true',
    };
  }
  return {
    send: (document, variables, headers) => post(document.toString(), variables, headers),
    post: (query, variables, headers) => post(query, variables, headers),
  };
}
