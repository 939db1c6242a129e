import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { IDEMPOTENCY_ERRORS } from '../core/errors.js';
import { ResponseDraft } from '../graphql/idempotent-response.js';
import type { MarkedOperation } from '../graphql/operation/marked-operation.js';
import { ExecutedOperation, type OperationResult } from '../graphql/result/operation-result.js';
import { storedHttpOf } from '../graphql/result/thrown-error.js';

/** The part of a Fastify reply that is used. */
export interface MercuriusReply {
  code(status: number): unknown;
  header(name: string, value: string): unknown;
}

/** The result of an execution, whose errors Mercurius has formatted. */
export interface MercuriusExecution {
  data?: Record<string, unknown> | null | undefined;
  errors?: readonly GraphQLFormattedError[] | undefined;
  extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** One operation that Mercurius executes. */
export class MercuriusCall {
  readonly operationName: string | null | undefined;
  /** There is none over a WebSocket. */
  reply: MercuriusReply | undefined;
  /** Whether other operations share its request. */
  isBatched = false;
  /** The operation's marked fields, if it has any. */
  admitted: MarkedOperation<never> | undefined;

  constructor(operationName: string | null | undefined) {
    this.operationName = operationName;
  }

  /** The error to throw for a refusal: Mercurius reads the status from a property of its own. */
  refuse(refusal: GraphQLError): GraphQLError {
    const { result, headers, status } = new ResponseDraft().refuse(refusal);
    this.#setHttp({ status: undefined, headers: Object.entries(headers) });
    const { nodes, extensions } = result.errors?.[0] ?? refusal;
    return new GraphQLError(refusal.message, {
      nodes: nodes ?? null,
      extensions,
      originalError: Object.assign(new Error(refusal.message), { statusCode: status }),
    });
  }

  /** Keeps and puts in what belongs to marked mutations, and reports on them. */
  async finish(execution: MercuriusExecution): Promise<void> {
    const operation = this.admitted;
    if (operation === undefined) return;
    this.admitted = undefined;
    const given = execution.errors ?? [];
    const bare = given.map(withoutHttp);
    const originals = given.map((error) => {
      return { path: error.path, extensions: error.extensions ?? {}, given: error };
    });
    const written: OperationResult = { data: execution.data };
    if (bare.length > 0) written.errors = bare;
    const { rootKeys } = operation.settings;
    const executed = new ExecutedOperation(written, originals, rootKeys, (http) => {
      this.#setHttp(http);
    });
    await operation.finish(() => executed);
    execution.data = written.data;
    const errors = executed.errors.map(({ original, formatted }) =>
      this.#shown(original?.given ?? formatted),
    );
    if (errors.length > 0) execution.errors = errors;
    else delete execution.errors;
    const { reports, isReplayed } = operation;
    if (reports !== undefined) {
      execution.extensions = { ...execution.extensions, idempotency: reports };
    }
    if (isReplayed && !this.isBatched) this.reply?.header('idempotent-replayed', 'true');
  }

  /** The execution is over, even if it gave no result. */
  async end(): Promise<void> {
    await this.admitted?.finish(() => undefined);
  }

  /** Of an error of this library, what it asks of HTTP is not for clients. */
  #shown(error: GraphQLFormattedError): GraphQLFormattedError {
    const code = error.extensions?.['code'];
    if (typeof code !== 'string' || !Object.hasOwn(IDEMPOTENCY_ERRORS, code)) return error;
    const http = storedHttpOf(error.extensions?.['http']);
    if (http !== undefined) this.#setHttp(http);
    return withoutHttp(error);
  }

  #setHttp({ status, headers }: { status: unknown; headers: readonly [string, string][] }): void {
    // A list of operations shares one status.
    if (typeof status === 'number' && !this.isBatched) this.reply?.code(status);
    for (const [name, value] of headers) this.reply?.header(name, value);
  }
}

function withoutHttp(error: GraphQLFormattedError): GraphQLFormattedError {
  if (error.extensions?.['http'] === undefined) return error;
  const extensions = Object.entries(error.extensions).filter(([name]) => name !== 'http');
  return { ...error, extensions: Object.fromEntries(extensions) };
}
