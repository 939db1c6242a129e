import type { GraphQLResolveInfo } from 'graphql';
import type { Events } from '../core/events.js';
import type { Accident, Outcome } from '../core/execute-request.js';
import type { Redact } from '../core/options.js';
import { withTrace } from '../core/trace-context.js';
import type { FieldRequest } from './field-events.js';
import { outcomeOf, type Redacts, type Resolved } from './outcome.js';

/** How the outcomes of a field are kept. */
export interface KeepingSettings {
  readonly events: Events;
  readonly resultBytesMax: number;
  readonly redacts: Redacts | undefined;
}

/** Turns what a resolver or `recover` did into what the record keeps. */
export function keeperOf(
  { events, resultBytesMax, redacts }: KeepingSettings,
  { operation, recordId = '', span }: FieldRequest,
  context: unknown,
  info: GraphQLResolveInfo,
): (resolved: Resolved, attempt: number) => Promise<Outcome<Resolved> | Accident> {
  return async (resolved, attempt) => {
    const onTombstone = (reason: string): void => {
      events.listener?.({ type: 'tombstoned', operation, recordId, attempt, reason });
    };
    const kept = await outcomeOf(resolved, context, info, { resultBytesMax, redacts, onTombstone });
    const trace = span?.context;
    if (trace === undefined || kept.kind !== 'outcome' || kept.payload.length === 0) return kept;
    return { ...kept, payload: withTrace(kept.payload, trace) };
  };
}

/** Which properties of a mutation's results are not stored. */
export function redactsOf(redact: Redact | undefined, operation: string): Redacts | undefined {
  return redact && ((object, name) => redact({ operation, object, name }));
}
