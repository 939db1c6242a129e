import type { EventListener, IdempotencyEvent } from './events.js';
import type { TraceContext } from './trace-context.js';

/** What a tracing system notes of one request to a marked field. */
export interface FieldSpan {
  /** What is kept with the outcome, so that replays can point to it; unset: nothing. */
  readonly context: TraceContext | undefined;
  /** The request was answered by what was done there. */
  link(executed: TraceContext): void;
  /** How the request ended, or what happened on its way. */
  tell(event: IdempotencyEvent): void;
  /** The request is over. Called once. */
  end(error?: unknown): void;
}

/** What observes a plugin: `openTelemetry()` of `graphql-idempotency/opentelemetry`. */
export interface Telemetry {
  readonly onEvent: EventListener;
  /** Calls `run` at once, and what it causes belongs to a span of its own. */
  startField<T>(operation: string, run: (span: FieldSpan) => T): T;
}

const NO_SPAN: FieldSpan = Object.freeze({
  context: undefined,
  link: () => undefined,
  tell: () => undefined,
  end: () => undefined,
});

/** Runs a request under observation. What the telemetry throws changes nothing about the request. */
export function observe<T>(
  telemetry: Telemetry,
  operation: string,
  run: (span: FieldSpan) => Promise<T>,
): Promise<T> {
  let running: Promise<T> | undefined;
  attempt(() => {
    telemetry.startField(operation, (span) => {
      running ??= run(carefulSpan(span));
    });
  });
  return running ?? run(NO_SPAN);
}

function carefulSpan(span: FieldSpan): FieldSpan {
  return {
    context: attempt(() => span.context),
    link: (executed) =>
      attempt(() => {
        span.link(executed);
      }),
    tell: (event) =>
      attempt(() => {
        span.tell(event);
      }),
    end: (error) =>
      attempt(() => {
        span.end(error);
      }),
  };
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    // Nobody is left to tell.
    return undefined;
  }
}
