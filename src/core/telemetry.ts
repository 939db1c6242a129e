import type { EventListener, IdempotencyEvent } from './events.js';
import { ignoreRejection, quietly } from './async/quietly.js';
import type { TraceContext } from './trace-context.js';

/** A tracing system's span of one request to a marked field. */
export interface FieldSpan {
  /**
   * The trace context that is kept with the outcome, so that replays can point to it; unset: nothing.
   */
  readonly context: TraceContext | undefined;
  /** Links to the execution whose outcome is the answer. */
  link(executed: TraceContext): void;
  /** Reports the end of the request, or an event on its way. */
  tell(event: IdempotencyEvent): void;
  /** The request is over. Called once. */
  end(error?: unknown): void;
}

/** An observer of a plugin: `openTelemetry()` of `graphql-idempotency/opentelemetry`. */
export interface Telemetry {
  readonly onEvent: EventListener;
  /** Starts a span and calls `run` within it, at once. */
  startField<T>(operation: string, run: (span: FieldSpan) => T): T;
}

const NO_SPAN: FieldSpan = Object.freeze({
  context: undefined,
  link: () => undefined,
  tell: () => undefined,
  end: () => undefined,
});

/**
 * Runs a request under observation, once. Errors and rejections of the telemetry do not affect the
 * request.
 */
export function observe<T>(
  telemetry: Telemetry,
  operation: string,
  run: (span: FieldSpan) => Promise<T>,
): Promise<T> {
  let running: Promise<T> | undefined;
  // One that calls back later, or twice, is given what is running already.
  const begin = (span: FieldSpan): Promise<T> => (running ??= run(span));
  quietly((name) => telemetry.startField(name, (span) => begin(carefulSpan(span))), operation);
  return begin(NO_SPAN);
}

function carefulSpan(span: FieldSpan): FieldSpan {
  return {
    context: contextOf(span),
    link: (executed) => {
      quietly(span.link.bind(span), executed);
    },
    tell: (event) => {
      quietly(span.tell.bind(span), event);
    },
    end: (error) => {
      quietly(span.end.bind(span), error);
    },
  };
}

const TRACE_ID = /^[0-9a-f]{32}$/i;
const SPAN_ID = /^[0-9a-f]{16}$/i;

/** The trace context of the request; undefined if it is not a valid one. */
function contextOf(span: FieldSpan): TraceContext | undefined {
  try {
    const given = span.context;
    ignoreRejection(given);
    if (given === undefined) return undefined;
    const { traceId, spanId, traceFlags } = given;
    const fits = TRACE_ID.test(traceId) && SPAN_ID.test(spanId) && Number.isInteger(traceFlags);
    return fits ? { traceId, spanId, traceFlags } : undefined;
  } catch {
    return undefined;
  }
}
