import { isJsonObject } from '../../core/values/json-object.js';

/** The place of the key of one marked mutation. */
export interface IdempotentField {
  /** The mutation's schema coordinate: `Mutation.createPayment`. */
  readonly mutation: string;
  /**
   * `'header'`, or the places among the operation's variables that carry the key, with dots
   * between: `['key']`, `['input.idempotencyKey']`.
   */
  readonly key: 'header' | readonly string[];
}

/** The marked root fields of one operation, by response key. */
export type IdempotentFields = Readonly<Record<string, IdempotentField>>;

/** An operation that carries idempotent mutations. */
export interface IdempotentOperation {
  /** Whether all that it does is idempotent, so that it may be sent again. */
  readonly idempotent: boolean;
  /**
   * The server's retention of its outcome, in seconds from its completion. A later retry runs again.
   */
  readonly ttlSeconds?: number | undefined;
  readonly fields: IdempotentFields;
}

/**
 * The operations that carry idempotent mutations, by name: what `graphql-idempotency/codegen`
 * generates.
 */
export type IdempotentOperations = Readonly<Record<string, IdempotentOperation>>;

/** The retention of a server that says nothing else, in seconds. */
export const TTL_SECONDS = 86_400;

/** An operation without a generated entry: the whole operation is one intent. */
export const WHOLE_OPERATION: IdempotentOperation = Object.freeze({
  idempotent: true,
  fields: { '*': { mutation: '*', key: 'header' } },
} as const);

/** Whether a value is what is generated. */
export function isOperations(value: unknown): value is IdempotentOperations {
  return isJsonObject(value) && Object.values(value).every(isOperation);
}

function isOperation(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { idempotent, ttlSeconds, fields } = value;
  const isTime =
    ttlSeconds === undefined || (Number.isFinite(ttlSeconds) && Number(ttlSeconds) > 0);
  return (
    typeof idempotent === 'boolean' &&
    isTime &&
    isJsonObject(fields) &&
    Object.values(fields).every(isField)
  );
}

function isField(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { mutation, key } = value;
  const isPaths =
    Array.isArray(key) && key.length > 0 && key.every((path) => typeof path === 'string');
  return typeof mutation === 'string' && (key === 'header' || isPaths);
}
