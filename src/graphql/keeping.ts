import type { GraphQLResolveInfo } from 'graphql';
import type { Redacts } from '../core/codec.js';
import type { Events } from '../core/events.js';
import type { Failure, Outcome } from '../core/engine/execute-request.js';
import type { Redact } from '../core/options.js';
import { withTrace, type TraceContext } from '../core/trace-context.js';
import type { FieldRequest } from './field-events.js';
import { outcomeOf, type Resolved } from './outcome.js';

/** Turns what a resolver or `recover` did into what the record keeps. */
export function keeperOf(
  { events, resultBytesMax }: { readonly events: Events; readonly resultBytesMax: number },
  redacts: Redacts | undefined,
  { operation, recordId = '', span }: FieldRequest,
  context: unknown,
  info: GraphQLResolveInfo,
): (resolved: Resolved, attempt: number) => Promise<Outcome<Resolved> | Failure> {
  const trace = span?.context;
  return (resolved, attempt) => {
    const onTombstone = (reason: string): void => {
      events.listener?.({ type: 'tombstoned', operation, recordId, attempt, reason });
    };
    const kept = outcomeOf(resolved, context, info, { resultBytesMax, redacts, onTombstone });
    return trace === undefined ? kept : kept.then((ended) => traced(ended, trace));
  };
}

function traced<T extends Outcome<Resolved> | Failure>(ended: T, trace: TraceContext): T {
  if (ended.kind !== 'outcome' || ended.payload.length === 0) return ended;
  return { ...ended, payload: withTrace(ended.payload, trace) };
}

/** Which properties of a mutation's results are not stored. */
export function redactsOf(redact: Redact | undefined, operation: string): Redacts | undefined {
  return redact && ((object, name) => redact({ operation, object, name }));
}
