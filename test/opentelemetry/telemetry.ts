import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import { openTelemetry } from '../../src/opentelemetry/index.js';
import type { Telemetry } from '../../src/index.js';

/** The data of OpenTelemetry's own SDK. */
export interface Observed {
  readonly telemetry: Telemetry;
  readonly spans: () => readonly ReadableSpan[];
  /** The points of a metric: their attributes in one line, and the value or the count. */
  readonly points: (name: string) => Promise<ReadonlyMap<string, number>>;
  /** The number of series. */
  readonly series: () => Promise<number>;
  /** Starts a span of the application. */
  readonly tracer: ReturnType<BasicTracerProvider['getTracer']>;
}

/** Context travels through promises, as a Node SDK sets it up. */
export function enableContext(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

/** Undoes {@link enableContext}. */
export function disableContext(): void {
  context.disable();
  trace.disable();
}

/** A telemetry whose exporters keep everything. */
export function observed({ sampled = true } = {}): Observed {
  const spanExporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({
    sampler: sampled ? new AlwaysOnSampler() : new AlwaysOffSampler(),
    spanProcessors: [new SimpleSpanProcessor(spanExporter)],
  });
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: metricExporter });
  const meterProvider = new MeterProvider({ readers: [reader] });

  async function metrics() {
    await reader.forceFlush();
    const last = metricExporter.getMetrics().at(-1);
    return last?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
  }
  return {
    telemetry: openTelemetry({ meterProvider, tracerProvider }),
    spans: () => spanExporter.getFinishedSpans(),
    tracer: tracerProvider.getTracer('app'),
    async points(name) {
      const metric = (await metrics()).find(({ descriptor }) => descriptor.name === name);
      return new Map(
        metric?.dataPoints.map(({ attributes, value }) => [
          Object.values(attributes).join(' '),
          typeof value === 'number' ? value : value.count,
        ]),
      );
    },
    series: async () =>
      (await metrics()).flatMap(({ dataPoints }) => dataPoints as unknown[]).length,
  };
}
