// needs: graphql @apollo/server @opentelemetry/api @opentelemetry/sdk-metrics
import assert from 'node:assert/strict';
import { ApolloServer, HeaderMap } from '@apollo/server';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { idempotencyPlugin, idempotentTypeDefs, MemoryStore } from 'graphql-idempotency';
import { openTelemetry, type OpenTelemetryOptions } from 'graphql-idempotency/opentelemetry';

async function main(): Promise<void> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const meterProvider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter })],
  });
  const options: OpenTelemetryOptions = { meterProvider };
  const server = new ApolloServer({
    typeDefs: [idempotentTypeDefs, 'type Query { ok: Int } type Mutation { pay: Int @idempotent }'],
    resolvers: { Mutation: { pay: () => 1 } },
    plugins: [
      idempotencyPlugin({
        store: new MemoryStore(),
        scope: 'global',
        telemetry: openTelemetry(options),
      }),
    ],
  });
  await server.start();
  const headers = new HeaderMap([['idempotency-key', 'k1']]);
  for (let sent = 0; sent < 2; sent += 1) {
    await server.executeOperation({
      query: 'mutation { pay }',
      http: { method: 'POST', headers, search: '', body: {} },
    });
  }
  await meterProvider.forceFlush();
  const metrics = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics[0]?.metrics ?? []);
  const requests = metrics.find(({ descriptor }) => descriptor.name.endsWith('.requests'));
  const results = requests?.dataPoints.map(({ attributes }) => attributes['idempotency.result']);
  assert.deepEqual(results, ['executed', 'replayed']);
  await server.stop();
}

void main();
