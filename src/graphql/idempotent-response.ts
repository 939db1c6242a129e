import { GraphQLError, type ExecutionResult, type GraphQLFormattedError } from 'graphql';
import { brandError, IDEMPOTENCY_ERRORS } from '../core/errors.js';
import type { MarkedOperation } from './operation/marked-operation.js';
import { ExecutedOperation, type OperationResult } from './result/operation-result.js';
import { storedHttpOf, type StoredHttp } from './result/thrown-error.js';

/** The result of an operation, with its part of the HTTP response. */
export interface IdempotentResponse {
  /** The result, with `extensions.idempotency`. */
  readonly result: ExecutionResult;
  /** Whether all marked mutations of the operation were answered from their records. */
  readonly isReplayed: boolean;
  /**
   * Headers to set, by lower-case name: `idempotent-replayed`, and with `httpStatus` `retry-after`.
   * None for a batch, which shares one set of headers, but what errors ask for.
   */
  readonly headers: Readonly<Record<string, string>>;
  /** The HTTP status that an error asks for; `undefined`: the server decides. */
  readonly status: number | undefined;
}

/** Formats an error as a server shows it to its clients. */
type FormatError = (error: GraphQLError) => GraphQLFormattedError;

/** Collects what an operation comes to. */
export class ResponseDraft {
  readonly #headers: Record<string, string> = {};
  #status: number | undefined;

  /** The response to an operation that was refused before anything ran. */
  refuse(error: GraphQLError): IdempotentResponse {
    return this.#response({ errors: [this.#refusal(error)] }, false);
  }

  /** The response to an operation without marked mutations. */
  pass(result: ExecutionResult): IdempotentResponse {
    return this.#response(result, false);
  }

  /** Keeps and puts in what belongs to marked mutations, and reports on them. */
  async finish(
    operation: MarkedOperation<never>,
    result: ExecutionResult,
    { isBatched, formatError }: { isBatched: boolean; formatError: FormatError },
  ): Promise<IdempotentResponse> {
    const originals = result.errors ?? [];
    const formatted = originals.map((error) => storable(formatError(error)));
    const written: OperationResult = { data: result.data };
    if (formatted.length > 0) written.errors = formatted;
    const { rootKeys } = operation.settings;
    const executed = new ExecutedOperation(written, originals, rootKeys, (http) => {
      this.#setHttp(http);
    });
    await operation.finish(() => executed);
    const errors = executed.errors.map(({ original, formatted: error }) =>
      original === undefined ? errorFrom(error) : this.#shown(original),
    );
    const { isReplayed, reports } = operation;
    if (isReplayed && !isBatched) this.#headers['idempotent-replayed'] = 'true';
    const extensions =
      reports === undefined ? result.extensions : { ...result.extensions, idempotency: reports };
    return this.#response(
      {
        ...(errors.length > 0 ? { errors } : {}),
        ...(written.data === undefined ? {} : { data: written.data }),
        ...(extensions === undefined ? {} : { extensions }),
      },
      isReplayed,
    );
  }

  #response(result: ExecutionResult, isReplayed: boolean): IdempotentResponse {
    return { result, isReplayed, headers: this.#headers, status: this.#status };
  }

  #setHttp({ status, headers }: StoredHttp): void {
    if (typeof status === 'number') this.#status = status;
    for (const [name, value] of headers) this.#headers[name.toLowerCase()] = value;
  }

  /** An error of this library as any server shows it; others may speak to theirs as they like. */
  #shown(error: GraphQLError): GraphQLError {
    const { code } = error.extensions;
    return typeof code === 'string' && Object.hasOwn(IDEMPOTENCY_ERRORS, code)
      ? this.#refusal(error)
      : error;
  }

  /**
   * Only Apollo Server takes `http` out of an error, and servers that mask errors take one that was
   * made from another for a failure.
   */
  #refusal({ message, nodes, source, positions, path, extensions }: GraphQLError): GraphQLError {
    const http = storedHttpOf(extensions['http']);
    if (http !== undefined) this.#setHttp(http);
    const refusal = new GraphQLError(message, {
      nodes: nodes ?? null,
      source: source ?? null,
      positions: positions ?? null,
      path: path ?? null,
      extensions: withoutHttp(extensions),
    });
    brandError(refusal);
    return refusal;
  }
}

function withoutHttp(extensions: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(extensions).filter(([name]) => name !== 'http'));
}

/** A stored error, as servers expect errors in results. */
function errorFrom({ message, path, extensions }: GraphQLFormattedError): GraphQLError {
  return new GraphQLError(message, { path: path ?? null, extensions: extensions ?? null });
}

/** The form of an error that can be stored: its wishes for the HTTP response are kept beside it. */
function storable(error: GraphQLFormattedError): GraphQLFormattedError {
  return error.extensions?.['http'] === undefined
    ? error
    : { ...error, extensions: withoutHttp(error.extensions) };
}
