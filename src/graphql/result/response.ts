import type { GraphQLFormattedError } from 'graphql';
import {
  decodeValue,
  encodeValue,
  UnfaithfulValueError,
  UnreadableValueError,
} from '../../core/codec.js';
import { messageOf } from '../../core/values/message-of.js';
import type { ExecutedOperation, ResultError } from './operation-result.js';
import { storedHttpOf, type StoredHttp } from './thrown-error.js';

/** The executor's response of a root field, for one selection below it. */
export interface StoredResponse {
  /** Digest of the selection; empty if it holds for any, as an error of the field itself does. */
  readonly selection: string;
  /** The field's data in JSON; `undefined` if a null went up beyond it. */
  readonly data: string | undefined;
  /** The formatted errors at and below the field, in JSON. */
  readonly errors: string;
  /** The wishes of these errors for the HTTP response. */
  readonly http: readonly StoredHttp[];
  /** The response key, with which the paths of its own errors begin. */
  readonly responseKey: string | undefined;
}

/**
 * Takes what the executor made of a root field out of a result.
 *
 * @param selection - as in a {@link StoredResponse}
 * @throws UnfaithfulValueError when it cannot be told, or is no JSON
 */
export function captureResponse(
  responseKey: string,
  selection: string,
  executed: ExecutedOperation,
): StoredResponse {
  if (executed.isLost(responseKey)) {
    throw new UnfaithfulValueError('was lost to the error of another field of the same document');
  }
  if (executed.hasStrayError) {
    throw new UnfaithfulValueError(
      'may have an error of another execution, whose path does not say to which field of the document it belongs',
    );
  }
  const errors = executed.errorsUnder(responseKey);
  return {
    responseKey,
    selection,
    data: dataOf(responseKey, executed),
    errors: JSON.stringify(errors.map(storableOf)),
    http: errors.flatMap(({ original }) => storedHttpOf(original?.extensions['http']) ?? []),
  };
}

function dataOf(responseKey: string, { data }: ExecutedOperation): string | undefined {
  if (data === null) return undefined;
  try {
    return JSON.stringify(data[responseKey] ?? null);
  } catch (error) {
    throw new UnfaithfulValueError(`cannot be written as JSON (${messageOf(error)})`);
  }
}

/** A formatted error without what only developers see. */
function storableOf({ formatted }: ResultError): GraphQLFormattedError {
  if (formatted.extensions?.['stacktrace'] === undefined) return formatted;
  const extensions = { ...formatted.extensions };
  delete extensions['stacktrace'];
  return { ...formatted, extensions };
}

/** @throws UnfaithfulValueError when it is larger than `bytesMax` */
export function encodeResponse(response: StoredResponse, bytesMax: number): Uint8Array {
  const { selection, data, errors, http, responseKey } = response;
  return encodeValue([selection, data, errors, http, responseKey], { bytesMax });
}

/** @throws UnreadableValueError */
export function decodeResponse(payload: Uint8Array): StoredResponse {
  const stored = decodeValue(payload, NO_CLASSES);
  if (!Array.isArray(stored)) throw new UnreadableValueError('The payload is no response.');
  const [selection, data, errors = '[]', http = [], responseKey] = stored as StoredParts;
  return { selection, data, errors, http, responseKey };
}

/** In the order in which they are written. */
type StoredParts = [string, string?, string?, StoredHttp[]?, string?];

const NO_CLASSES = {
  createInstance(): never {
    throw new UnreadableValueError('A response has no classes.');
  },
  createTyped(): never {
    throw new UnreadableValueError('A response has no types.');
  },
};

/** The errors of a stored response, under the response key of this request. */
export function errorsOf(response: StoredResponse, responseKey: string): GraphQLFormattedError[] {
  return (JSON.parse(response.errors) as GraphQLFormattedError[]).map((error) => {
    const [first, ...rest] = error.path ?? [];
    // The path of another execution stays as it is.
    const isOwn = first !== undefined && first === (response.responseKey ?? first);
    return isOwn ? { ...error, path: [responseKey, ...rest] } : error;
  });
}

/** A stored response as it goes into a result, under the response key of this request. */
export function answerOf(
  response: StoredResponse,
  responseKey: string,
): Parameters<ExecutedOperation['replace']>[1] {
  const data: unknown = response.data === undefined ? undefined : JSON.parse(response.data);
  return { data, errors: errorsOf(response, responseKey), http: response.http };
}
