import type { ErrorRequestHandler } from 'express';
import type { Log } from '../log.js';
import { refuse } from './refuse.js';

/** Content codings that a request's body may have. */
const CODINGS = 'gzip, deflate, br';

/** A sentence for each way in which a request can be wrong, by the type of `http-errors`. */
const SENTENCES: Readonly<Record<string, string>> = {
  'charset.unsupported': 'The charset of the request body is not supported: send UTF-8.',
  'encoding.unsupported': `The content encoding of the request body is not supported: send none, or one of ${CODINGS}.`,
  'entity.parse.failed': 'The request body is not valid JSON.',
  'request.aborted': 'The request body ended before all of it was sent.',
  'request.size.invalid': 'The request body is not as long as Content-Length says.',
};

/**
 * Answers what goes wrong before a request reaches its handler. A client's mistake gets its own status
 * and sentence; anything else is the server's, is logged, and tells the client nothing.
 */
export function requestErrors(log: Log): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    const { status, type } = detailsOf(error);
    if (response.headersSent) {
      next(error);
    } else if (status === undefined) {
      log.error({ error }, 'a request failed');
      refuse(response, 500, 'The server failed.');
    } else {
      // What a client may send instead: RFC 9110, 15.5.16.
      if (type === 'encoding.unsupported') response.setHeader('Accept-Encoding', CODINGS);
      refuse(response, status, sentenceOf(error, type));
    }
  };
}

/** The status of a client's mistake, and its type. */
function detailsOf(error: unknown): { readonly status?: number; readonly type?: string } {
  if (typeof error !== 'object' || error === null) return {};
  const { status, type } = error as { readonly status?: unknown; readonly type?: unknown };
  if (typeof status !== 'number' || status < 400 || status > 499) return {};
  return { status, ...(typeof type === 'string' && { type }) };
}

function sentenceOf(error: unknown, type: string | undefined): string {
  // The router could not decode a part of the path.
  if (error instanceof URIError) return 'The path is not valid: it holds a % that encodes nothing.';
  if (type === 'entity.too.large')
    return `The request body is larger than ${limitOf(error)} bytes.`;
  if (type !== undefined && Object.hasOwn(SENTENCES, type)) return SENTENCES[type] ?? '';
  return 'The request body cannot be read: it is not what Content-Encoding says.';
}

function limitOf(error: unknown): string {
  return String((error as { readonly limit?: unknown }).limit);
}
