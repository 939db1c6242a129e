import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import type { StoredHttp } from './thrown-error.js';

/** The result of one execution, with formatted errors. */
export interface OperationResult {
  data?: Record<string, unknown> | null | undefined;
  errors?: readonly GraphQLFormattedError[] | undefined;
}

/** The part of an error that is used, as it was before formatting. */
export interface OriginalError extends Pick<GraphQLError, 'extensions'> {
  readonly path?: GraphQLError['path'];
}

/** An error of a result: as it was thrown, and as it was formatted. */
export interface ResultError {
  readonly original: OriginalError | undefined;
  readonly formatted: GraphQLFormattedError;
  /** The error's path; formatting may have removed it from the formatted error. */
  readonly path: readonly (string | number)[];
}

/** An execution that has ended, and whose result nobody has seen yet. */
export class ExecutedOperation {
  readonly #result: OperationResult;
  readonly #setHttp: (http: StoredHttp) => void;
  /** As the executor left them. */
  readonly #errors: readonly ResultError[];
  /** The executor's data; it is null when an error went up to the root. */
  readonly data: Readonly<Record<string, unknown>> | null;

  /**
   * @param result - changed in place by {@link ExecutedOperation.replace}
   * @param originalErrors - its errors before they were formatted, in the same order
   * @param setHttp - sets what an error asks of the HTTP response
   */
  constructor(
    result: OperationResult,
    originalErrors: readonly OriginalError[],
    setHttp: (http: StoredHttp) => void,
  ) {
    this.#result = result;
    this.#setHttp = setHttp;
    this.data = result.data ?? null;
    this.#errors = (result.errors ?? []).map((formatted, index) => {
      const original = originalErrors[index];
      return { original, formatted, path: original?.path ?? formatted.path ?? [] };
    });
  }

  /** The errors at and below a root field. */
  errorsUnder(responseKey: string): readonly ResultError[] {
    return this.#errors.filter(({ path }) => path[0] === responseKey);
  }

  /** Whether the error of another root field took the whole `data` away. */
  isLost(responseKey: string): boolean {
    // Root mutations run one after the other: the error that went up to the root came last.
    return this.data === null && this.#errors.at(-1)?.path[0] !== responseKey;
  }

  /**
   * Puts an answer in the place of what the executor made of a root field.
   *
   * @param answer - `data` is `undefined` for a null that goes up to the root
   */
  replace(
    responseKey: string,
    answer: {
      readonly data: unknown;
      readonly errors: readonly GraphQLFormattedError[];
      readonly http: readonly StoredHttp[];
    },
  ): void {
    const result = this.#result;
    const replaced = new Set(this.errorsUnder(responseKey).map(({ formatted }) => formatted));
    const others = (result.errors ?? []).filter((error) => !replaced.has(error));
    const errors = [...others, ...answer.errors];
    if (errors.length > 0) result.errors = errors;
    else delete result.errors;
    if (answer.data === undefined) result.data = null;
    else if (result.data != null) result.data[responseKey] = answer.data;
    for (const http of answer.http) this.#setHttp(http);
  }
}
