import { operationOfRecord } from '../../../core/record/key.js';
import type { RedisDriver } from '../clients/redis-driver.js';
import { scanKeys } from './scan-keys.js';

/** The largest number of steps of a search: some 50 000 keys. */
const STEPS_MAX = 100;
/** The largest number of services and of operations in a report. */
const NAMES_MAX = 20;

/** The services that keep records in a Redis. */
export interface Services {
  /** The operations with records, by service. */
  readonly operations: ReadonlyMap<string, ReadonlySet<string>>;
  /** True if the search covered every key. */
  readonly complete: boolean;
}

/**
 * Looks for services by the keys of their records.
 *
 * @param basePrefix - the text with which the keys of every service begin
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
