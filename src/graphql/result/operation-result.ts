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
export interface ResultError<TOriginal extends OriginalError = OriginalError> {
  readonly original: TOriginal | undefined;
  readonly formatted: GraphQLFormattedError;
  /** The error's path; formatting may have removed it from the formatted error. */
  readonly path: readonly (string | number)[];
  /** The response key of the root field that it belongs to; `undefined` if nothing tells. */
  readonly field: string | undefined;
}

/** The response keys of the root fields of an operation that can fail. */
export type RootKeys = ReadonlySet<string>;

/** An execution that has ended, and whose result nobody has seen yet. */
export class ExecutedOperation<TOriginal extends OriginalError = OriginalError> {
  readonly #result: OperationResult;
  readonly #setHttp: (http: StoredHttp) => void;
  /** As the executor left them. */
  readonly #executed: readonly ResultError<TOriginal>[];
  #errors: readonly ResultError<TOriginal>[];
  /** The executor's data; it is null when an error went up to the root. */
  readonly data: Readonly<Record<string, unknown>> | null;

  /**
   * @param result - changed in place by {@link ExecutedOperation.replace}
   * @param originalErrors - its errors before they were formatted, in the same order
   * @param rootKeys - the fields to which these errors can belong
   * @param setHttp - sets what an error asks of the HTTP response
   */
  constructor(
    result: OperationResult,
    originalErrors: readonly TOriginal[],
    rootKeys: RootKeys,
    setHttp: (http: StoredHttp) => void,
  ) {
    this.#result = result;
    this.#setHttp = setHttp;
    this.data = result.data ?? null;
    this.#executed = (result.errors ?? []).map((formatted, index) => {
      const original = originalErrors[index];
      const path = original?.path ?? formatted.path ?? [];
      return { original, formatted, path, field: fieldOf(path, rootKeys) };
    });
    this.#errors = this.#executed;
  }

  /** The errors of the result; those of an answer that was put in have no original. */
  get errors(): readonly ResultError<TOriginal>[] {
    return this.#errors;
  }

  /** The errors at and below a root field, as the executor left them. */
  errorsUnder(responseKey: string): readonly ResultError[] {
    return this.#executed.filter(({ field }) => field === responseKey);
  }

  /** Whether there is an error of which nobody knows to which root field it belongs. */
  get hasStrayError(): boolean {
    return this.#executed.some(({ field }) => field === undefined);
  }

  /** Whether the error of another root field took the whole `data` away. */
  isLost(responseKey: string): boolean {
    // Root mutations run one after the other: the error that went up to the root came last.
    return this.data === null && this.#executed.at(-1)?.field !== responseKey;
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
    const others = this.#errors.filter(({ field }) => field !== responseKey);
    const own = answer.errors.map((formatted) => {
      return { original: undefined, formatted, path: formatted.path ?? [], field: responseKey };
    });
    this.#errors = [...others, ...own];
    if (this.#errors.length > 0) result.errors = this.#errors.map(({ formatted }) => formatted);
    else delete result.errors;
    if (answer.data === undefined) result.data = null;
    else if (result.data != null) result.data[responseKey] = answer.data;
    for (const http of answer.http) this.#setHttp(http);
  }
}

/** An error that a resolver took over from another execution has the path that it had there. */
function fieldOf([first]: readonly (string | number)[], rootKeys: RootKeys): string | undefined {
  if (typeof first === 'string' && rootKeys.has(first)) return first;
  const [only, ...others] = rootKeys;
  return others.length === 0 ? only : undefined;
}
