import type { IncomingMessage, ServerResponse } from 'node:http';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { Telemetry } from '../index.js';
import { openTelemetry } from '../opentelemetry/index.js';

/** The metrics of the server. */
export interface Metrics {
  /** For the plugin. */
  readonly telemetry: Telemetry;
  /** Answers with everything that was counted, in the format of Prometheus. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
  stop(): Promise<void>;
}

/** Starts to count. */
export function createMetrics(): Metrics {
  // It would listen on a port of its own.
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const meterProvider = new MeterProvider({ readers: [exporter] });
  return {
    telemetry: openTelemetry({ meterProvider }),
    handler: (request, response) => {
      exporter.getMetricsRequestHandler(request, response);
    },
    stop: () => meterProvider.shutdown(),
  };
}
