import {
  context,
  isSpanContextValid,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import type { IdempotencyEvent } from '../core/events.js';
import type { FieldSpan, Telemetry } from '../core/telemetry.js';
import { ATTRIBUTE } from './attributes.js';
import { resultOf } from './results.js';

/** Gives every request to a marked field a span, in which those of its resolver stand. */
export function traceFields(tracer: Tracer): Telemetry['startField'] {
  return (operation, run) => {
    const span = tracer.startSpan(`idempotency ${operation}`, {
      kind: SpanKind.INTERNAL,
      attributes: { [ATTRIBUTE.operation]: operation },
    });
    return context.with(trace.setSpan(context.active(), span), () => run(fieldSpan(span)));
  };
}

function fieldSpan(span: Span): FieldSpan {
  const own = span.spanContext();
  const isKept = isSpanContextValid(own) && (own.traceFlags & TraceFlags.SAMPLED) !== 0;
  return {
    context: isKept
      ? { traceId: own.traceId, spanId: own.spanId, traceFlags: own.traceFlags }
      : undefined,
    link(executed) {
      if (!isSpanContextValid(executed)) return;
      span.addLink({ context: { ...executed, isRemote: true } });
    },
    tell(event) {
      span.setAttributes(attributesOf(event));
    },
    end(error) {
      if (error !== undefined) {
        // Its message may be made of arguments or results.
        const name = error instanceof Error ? error.name : typeof error;
        span.setStatus({ code: SpanStatusCode.ERROR, message: name });
      }
      span.end();
    },
  };
}

function attributesOf(event: IdempotencyEvent): Attributes {
  return {
    [ATTRIBUTE.result]: resultOf(event),
    [ATTRIBUTE.record]: 'recordId' in event ? event.recordId : undefined,
    [ATTRIBUTE.attempt]: 'attempt' in event ? event.attempt : undefined,
    [ATTRIBUTE.code]: 'code' in event ? event.code : undefined,
    [ATTRIBUTE.waited]: 'waited' in event ? event.waited : undefined,
  };
}
