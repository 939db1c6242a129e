import type { Meter } from '@opentelemetry/api';
import type { EventListener } from '../core/events.js';
import { ATTRIBUTE } from './attributes.js';
import { incidentOf, resultOf } from './results.js';

/** From a store near by to a client that waits. In seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Counts events. How many series there are depends on the schema only. */
export function countEvents(meter: Meter): EventListener {
  const requests = meter.createCounter('graphql.idempotency.requests', {
    description: 'Requests to marked mutations, by how they ended.',
    unit: '{request}',
  });
  const incidents = meter.createCounter('graphql.idempotency.incidents', {
    description: 'What went otherwise than a first execution and its replays.',
    unit: '{incident}',
  });
  const seconds = (name: string, description: string) =>
    meter.createHistogram(`graphql.idempotency.${name}`, {
      description,
      unit: 's',
      advice: { explicitBucketBoundaries: BUCKETS },
    });
  const duration = seconds('duration', 'How long requests to marked mutations took.');
  const claim = seconds('claim.duration', 'How long the store took to give claims.');
  const wait = seconds('wait.duration', 'How long duplicates waited for the first request.');

  return (event) => {
    const about = 'operation' in event ? { [ATTRIBUTE.operation]: event.operation } : {};
    const result = resultOf(event);
    if (result !== undefined) {
      const code = event.type === 'rejected' ? { [ATTRIBUTE.code]: event.code } : {};
      requests.add(1, { ...about, [ATTRIBUTE.result]: result, ...code });
      if ('durationMs' in event) {
        duration.record(event.durationMs / 1_000, { ...about, [ATTRIBUTE.result]: result });
      }
    }
    const incident = incidentOf(event);
    if (incident !== undefined) incidents.add(1, { ...about, [ATTRIBUTE.incident]: incident });
    if (event.type === 'claimed') claim.record(event.durationMs / 1_000, about);
    if (event.type === 'waited') {
      wait.record(event.durationMs / 1_000, { ...about, [ATTRIBUTE.ended]: event.ended });
    }
  };
}
