import { GraphQLError, isLeafType, type GraphQLResolveInfo } from 'graphql';
import { decodeValue, encodeValue, type Redacts } from '../core/codec.js';
import { IdempotencyError } from '../core/errors.js';
import type { Failure, Outcome } from '../core/engine/execute-request.js';
import type { OutcomeStatus } from '../core/record/record.js';
import type { StepCodec } from '../core/engine/steps.js';
import { unkeptReason } from '../core/unkept.js';
import { annotate } from './annotate.js';
import { isEvident } from './evident.js';
import { registry } from './registry.js';

/** What a resolver did: returned a value, or threw. */
export type Resolved =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: unknown };

/** What is needed to keep an outcome. */
export interface OutcomeSettings {
  readonly resultBytesMax: number;
  readonly redacts: Redacts | undefined;
  /** Told why an outcome could not be kept. */
  readonly onTombstone: (reason: string) => void;
}

/**
 * Errors with these codes say that the request was turned down before it had an effect.
 * `UNAUTHORIZED` is what TypeGraphQL calls `FORBIDDEN`.
 */
const DECLINED = new Set<unknown>([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'UNAUTHORIZED',
  'BAD_USER_INPUT',
]);

/** Turns what a resolver did into what the record keeps. Never rejects. */
export async function outcomeOf(
  resolved: Resolved,
  context: unknown,
  info: GraphQLResolveInfo,
  settings: OutcomeSettings,
): Promise<Outcome<Resolved> | Failure> {
  // The executor treats a returned error as a thrown one.
  if (resolved.kind === 'value' && resolved.value instanceof Error) {
    return outcomeOf({ kind: 'error', error: resolved.value }, context, info, settings);
  }
  const { resultBytesMax: bytesMax, redacts } = settings;
  try {
    if (resolved.kind === 'value') {
      const annotations = await annotate(resolved.value, info.returnType, context, info);
      const payload = encodeValue(resolved.value, { bytesMax, annotations, redacts });
      return { kind: 'outcome', status: 'value', payload, answer: resolved };
    }
    const { error } = resolved;
    if (!isOnPurpose(error)) {
      return { kind: 'failure', error, declined: DECLINED.has(codeOf(error)) };
    }
    const stored = storableError(error);
    const payload = encodeValue(stored, {
      bytesMax,
      // What it is stored in is ours.
      redacts: redacts && ((object, name) => object !== stored && redacts(object, name)),
    });
    return { kind: 'outcome', status: 'error', payload, answer: resolved };
  } catch (error) {
    settings.onTombstone(unkeptReason(error));
    return { kind: 'outcome', status: 'unavailable', payload: new Uint8Array(), answer: resolved };
  }
}

/**
 * What the resolver did, from its record.
 *
 * @throws UnreadableValueError when the payload is damaged or of a newer version
 */
export function replayOutcome(
  status: OutcomeStatus,
  payload: Uint8Array,
  info: GraphQLResolveInfo,
): Resolved {
  const value = revive(payload, info);
  return status === 'error'
    ? { kind: 'error', error: revivedError(value) }
    : { kind: 'value', value };
}

/** Keeps what steps return: as results are kept, only that no type is known to say more. */
export function stepCodecOf(
  context: unknown,
  info: GraphQLResolveInfo,
  resultBytesMax: number,
  redacts: Redacts | undefined,
): StepCodec {
  return {
    encode(value, bytesMax) {
      const room = Math.min(bytesMax, resultBytesMax);
      // At once: some databases cannot wait within a transaction.
      if (isEvident(value, undefined)) return encodeValue(value, { bytesMax: room, redacts });
      return annotate(value, undefined, context, info).then((annotations) =>
        encodeValue(value, { bytesMax: room, annotations, redacts }),
      );
    },
    decode: (payload) => revive(payload, info),
  };
}

function revive(payload: Uint8Array, info: GraphQLResolveInfo): unknown {
  return decodeValue(payload, {
    onTyped: (object, typeName) => {
      registry.typeNames.set(object, typeName);
    },
    createInstance: (className) => {
      for (const classes of registry.classes) {
        const instance = classes.create(className);
        if (instance !== undefined) return instance;
      }
      throw new Error(`There is no class ${className} any more.`);
    },
    parseScalar: (scalar, serialized) => {
      const type = info.schema.getType(scalar);
      if (!isLeafType(type)) throw new Error(`The schema has no scalar ${scalar} any more.`);
      return type.parseValue(serialized) as unknown;
    },
  });
}

/** Whether an error is an answer: a GraphQLError that somebody chose to throw. */
function isOnPurpose(error: unknown): error is GraphQLError {
  if (!isGraphQLError(error) || IdempotencyError.is(error)) return false;
  const { originalError } = error;
  // One that only carries another error was made around a failure.
  if (originalError != null && !isOnPurpose(originalError)) return false;
  const code = codeOf(error);
  return !DECLINED.has(code) && code !== 'INTERNAL_SERVER_ERROR';
}

/** By name too: bundlers can load `graphql` twice, and then `instanceof` fails. */
function isGraphQLError(error: unknown): error is GraphQLError {
  return error instanceof GraphQLError || (error instanceof Error && error.name === 'GraphQLError');
}

function codeOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('extensions' in error)) return undefined;
  const { extensions } = error;
  return typeof extensions === 'object' && extensions !== null && 'code' in extensions
    ? extensions.code
    : undefined;
}

interface StorableError {
  readonly message: string;
  readonly extensions: Record<string, unknown>;
  readonly http: { readonly status: unknown; readonly headers: [string, string][] } | undefined;
}

/** Message and extensions; where it was thrown is nobody's business later. */
function storableError(error: GraphQLError): StorableError {
  const { http, ...extensions } = error.extensions as { http?: unknown } & Record<string, unknown>;
  return { message: error.message, extensions, http: storableHttp(http) };
}

function storableHttp(http: unknown): StorableError['http'] {
  if (typeof http !== 'object' || http === null) return undefined;
  const { status, headers } = http as { status?: unknown; headers?: unknown };
  return {
    status,
    headers: headers instanceof Map ? [...(headers as Map<string, string>).entries()] : [],
  };
}

function revivedError(stored: unknown): GraphQLError {
  const { message, extensions, http } = stored as StorableError;
  const httpPart =
    http === undefined ? {} : { http: { status: http.status, headers: new Map(http.headers) } };
  return new GraphQLError(message, { extensions: { ...extensions, ...httpPart } });
}
