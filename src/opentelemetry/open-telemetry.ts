import { metrics, trace, type MeterProvider, type TracerProvider } from '@opentelemetry/api';
import type { Telemetry } from '../core/telemetry.js';
import { refuseUnknownOptions, type OptionNames } from '../core/values/unknown-options.js';
import { countEvents } from './metrics.js';
import { traceFields } from './spans.js';

/** Options of {@link openTelemetry}. */
export interface OpenTelemetryOptions {
  /**
   * Makes the metrics.
   *
   * @defaultValue the one that is registered globally
   */
  readonly meterProvider?: MeterProvider;
  /**
   * Makes the spans.
   *
   * @defaultValue the one that is registered globally
   */
  readonly tracerProvider?: TracerProvider;
}

const OPTION_NAMES: OptionNames<OpenTelemetryOptions> = Object.freeze({
  meterProvider: true,
  tracerProvider: true,
});
const SCOPE = 'graphql-idempotency';

/**
 * Metrics and spans of idempotent mutations, for the plugin's option `telemetry`. Register the
 * providers first: a meter that was asked for before stays silent.
 *
 * A replay's span links to the span that executed, also in another process: the ids of that span
 * are stored with the outcome, 26 bytes, if its trace is sampled.
 *
 * @example
 * ```ts
 * idempotencyPlugin({ store, scope, telemetry: openTelemetry() });
 * ```
 *
 * @throws TypeError when an option does not exist
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Telemetry {
  refuseUnknownOptions('openTelemetry', options, OPTION_NAMES);
  const { meterProvider, tracerProvider } = options;
  return {
    onEvent: countEvents((meterProvider ?? metrics).getMeter(SCOPE)),
    startField: traceFields((tracerProvider ?? trace).getTracer(SCOPE)),
  };
}
