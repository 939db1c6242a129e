import { operationOfRecord } from '../../../core/record/key.js';
import type { RedisDriver } from '../clients/redis-driver.js';
import { scanKeys } from './scan-keys.js';

/** The largest number of steps of a search: some 50 000 keys of a Redis. */
const STEPS_MAX = 100;
/** Services and operations that are told of. */
const NAMES_MAX = 20;

/** Which services keep records in a Redis. */
export interface Services {
  /** Operations by the service that has records of them. */
  readonly operations: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whether every key was looked at. */
  readonly complete: boolean;
}

/**
 * Looks for services by the keys of their records.
 *
 * @param basePrefix - what the keys of every service begin with
 */
export async function findServices(client: RedisDriver, basePrefix: string): Promise<Services> {
  const operations = new Map<string, Set<string>>();
  let steps = 0;
  for await (const keys of scanKeys(client, basePrefix)) {
    for (const key of keys) {
      const [, service = '', recordId = ''] =
        /^([\w.-]+):(.*)$/.exec(key.slice(basePrefix.length)) ?? [];
      const operation = operationOfRecord(recordId);
      if (operation === undefined) continue;
      const known = operations.get(service) ?? new Set();
      if (operations.size < NAMES_MAX) operations.set(service, known);
      if (known.size < NAMES_MAX) known.add(operation);
    }
    steps += 1;
    if (steps === STEPS_MAX) return { operations, complete: false };
  }
  return { operations, complete: true };
}
