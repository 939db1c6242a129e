import { operationOfRecord } from '../../../core/record/key.js';
import type { ChangeReply, RecordAdmin, SettleRequest } from '../../../core/record/record-admin.js';
import { ask } from '../scripts/define-script.js';
import { packOutcome, readOutcome } from '../scripts/packed-outcome.js';
import { inspectScript, type FoundRecord } from './inspect-script.js';
import type { RedisDriver } from '../clients/redis-driver.js';
import { channelOf } from '../redis-store-options.js';
import { scanKeys } from './scan-keys.js';
import { forgetScript, settleScript } from './settle-scripts.js';

/** The operations on records in Redis that operators use. */
export interface RedisRecordAdmin extends RecordAdmin {
  /** The memory of the record in bytes; `undefined` if the user lacks the permission. */
  memoryBytes(recordId: string): Promise<number | undefined>;
  /**
   * The ids of records, in no order, in a batch for each step of the search. An id may appear twice.
   *
   * @param name - the mutation's name, with which record ids begin; unset for all
   */
  scan(name: string | undefined): AsyncIterable<readonly string[]>;
}

const NOTHING = Buffer.alloc(0);

/** Opens the record admin of a {@link RedisStore} with that prefix. */
export function openRedisRecordAdmin(client: RedisDriver, prefix: string): RedisRecordAdmin {
  const channel = channelOf(prefix);

  const inspect = (recordId: string): Promise<FoundRecord> =>
    ask(client, inspectScript, prefix + recordId, undefined);

  /**
   * Settles the record that was just inspected. The outcome's fence is larger than the claim's, which the
   * script compares with the one that the operator saw, and no larger than the clock's, so the next
   * claim's is larger still.
   */
  async function settle({ recordId, fence, settlement }: SettleRequest): Promise<ChangeReply> {
    const found = await inspect(recordId);
    if (found.state !== 'lapsed' && found.state !== 'released') return found.state;
    const { attempt, fingerprint, nowMs } = found;
    const parts = { attempt, fingerprint, fence: Math.max(found.fence + 1, nowMs * 1_000) };
    const outcome =
      settlement.kind === 'rerun'
        ? undefined
        : { packed: packOutcome({ ...settlement, ...parts }), ttlMs: settlement.ttlMs };
    return ask(client, settleScript, prefix + recordId, { recordId, fence, outcome, channel });
  }

  /** The bytes of a record that is no sound outcome, such as one with a wrong checksum; otherwise empty. */
  async function damagedBytes(recordId: string): Promise<Buffer> {
    const bytes = await client
      .send('get', [prefix + recordId], prefix + recordId)
      .catch(() => undefined);
    return Buffer.isBuffer(bytes) && readOutcome(bytes, 0) === undefined ? bytes : NOTHING;
  }

  return {
    inspect,
    async memoryBytes(recordId) {
      const key = prefix + recordId;
      const asked = client.send('memory', ['USAGE', key, 'SAMPLES', 0], key);
      const bytes = await asked.catch(() => undefined);
      return typeof bytes === 'number' ? bytes : undefined;
    },
    settle,
    async forget({ recordId, fence, alsoRunning }) {
      const damaged = fence === undefined ? await damagedBytes(recordId) : NOTHING;
      return ask(client, forgetScript, prefix + recordId, { fence, alsoRunning, damaged });
    },
    async *scan(name) {
      const start = name === undefined ? prefix : `${prefix}${name}:`;
      for await (const keys of scanKeys(client, start)) {
        yield keys
          .map((key) => key.slice(prefix.length))
          .filter((id) => operationOfRecord(id) !== undefined);
      }
    },
  };
}
