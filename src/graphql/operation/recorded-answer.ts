import type { GraphQLResolveInfo } from 'graphql';
import { UnreadableValueError } from '../../core/codec.js';
import { messageOf } from '../../core/values/message-of.js';
import type { StoredOutcome } from '../../core/record/record.js';
import { refusals } from '../../core/refusals.js';
import { splitTrace, type TraceContext } from '../../core/trace-context.js';
import type { MarkedOperation } from './marked-operation.js';
import type { ExecutedOperation } from '../result/operation-result.js';
import { refuseRedacted } from '../result/redacted-response.js';
import { ReplayedResponse } from '../result/replayed-response.js';
import type { Resolved } from '../result/resolved.js';
import { captureResponse, decodeResponse, type StoredResponse } from '../result/response.js';
import type { ResultCodec } from '../result/result-codec.js';
import { selectionDigest } from '../result/selection-digest.js';

/** A field's answer from a record. */
export interface RecordedAnswer {
  readonly resolved: Resolved;
  /** Set if the answer is a response, which goes past the executor. */
  readonly response: ReplayedResponse | undefined;
  /** Whether the value was recorded before a deploy that changed the schema. */
  readonly isOutdated: boolean;
  /** The trace in which the outcome was made. */
  readonly trace: TraceContext | undefined;
}

/** The place of a field in its operation. */
export interface FieldPlace {
  readonly within: MarkedOperation<never>;
  readonly info: GraphQLResolveInfo;
  readonly responseKey: string;
  readonly codec: ResultCodec;
}

/**
 * Reads what a record answers a field with.
 *
 * @param onUnreadable - told why it cannot be read
 * @throws IdempotencyError `IDEMPOTENCY_RESULT_UNAVAILABLE` when it cannot be read, or is a response
 * for another selection
 */
export function recordedAnswer(
  { status, payload: stored }: StoredOutcome,
  place: FieldPlace,
  onUnreadable: (reason: string) => void,
): RecordedAnswer {
  const { payload, trace } = splitTrace(stored);
  const { codec } = place;
  const read = <T>(decode: () => T): T => {
    try {
      return decode();
    } catch (error) {
      onUnreadable(messageOf(error));
      throw error instanceof UnreadableValueError
        ? refusals.unreadable(error)
        : refusals.resultUnavailable();
    }
  };
  if (status === 'response') {
    const response = replayedResponse(
      read(() => decodeResponse(payload)),
      place,
    );
    return { resolved: response.inner, response, isOutdated: false, trace };
  }
  const resolved = read((): Resolved =>
    status === 'error'
      ? { kind: 'error', error: codec.decodeError(payload) }
      : { kind: 'value', value: codec.decodeValue(payload) },
  );
  const isOutdated = status === 'value' && !codec.isCurrent(payload);
  return { resolved, response: undefined, isOutdated, trace };
}

function replayedResponse(stored: StoredResponse, place: FieldPlace): ReplayedResponse {
  const { within, info, responseKey } = place;
  if (!seesResult(place)) throw refusals.otherSelection();
  if (
    stored.selection !== '' &&
    stored.selection !== selectionDigest(info, within.request.variables)
  ) {
    throw refusals.otherSelection();
  }
  return new ReplayedResponse(stored, responseKey, info);
}

/**
 * Takes a field's response out of the result of its execution, after its whole chain; `undefined` where
 * nobody will see that result.
 */
export function captureOf(
  place: FieldPlace,
): ((executed: ExecutedOperation, chain: Resolved) => StoredResponse) | undefined {
  if (!seesResult(place)) return undefined;
  const { within, info, responseKey, codec } = place;
  return (executed, chain) => {
    // What threw has no selection.
    const selection = chain.kind === 'error' ? '' : selectionDigest(info, within.request.variables);
    const response = captureResponse(responseKey, selection, executed);
    const { redacts } = codec;
    if (redacts !== undefined && response.data !== undefined) {
      refuseRedacted(JSON.parse(response.data), info, redacts);
    }
    return response;
  };
}

/** A nested execution, as of a stitched schema, has a result of its own that nobody shows us. */
export function seesResult({ within: { request }, info }: FieldPlace): boolean {
  return request.capturesResponses && info.operation === request.operation;
}
