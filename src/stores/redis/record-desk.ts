import { operationOfRecord } from '../../core/record/key.js';
import type { ChangeReply, RecordAdmin, SettleRequest } from '../../core/record/record-admin.js';
import { inspectScript, parseInspection, type FoundRecord } from './inspect-script.js';
import { packOutcome, readOutcome } from './packed-outcome.js';
import { send, type RedisArgument, type RedisLike } from './redis-like.js';
import { channelOf } from './redis-store-options.js';
import { ScriptReply } from './replies.js';
import { scanKeys } from './scan-keys.js';
import { run, type Script } from './scripts.js';
import {
  forgetArguments,
  forgetScript,
  parseChange,
  settleArguments,
  settleScript,
} from './settle-scripts.js';

/** What operators do with records in Redis. */
export interface RecordDesk extends RecordAdmin {
  /** How many bytes of memory the record takes, if the user may ask. */
  memoryBytes(recordId: string): Promise<number | undefined>;
  /**
   * The ids of records, in no order, a batch for each step of the search; possibly one twice.
   *
   * @param name - of a mutation, as record ids begin with it; unset: all
   */
  scan(name: string | undefined): AsyncIterable<readonly string[]>;
}

const NOTHING = Buffer.alloc(0);

/** Opens the desk for the records of a {@link RedisStore} with that prefix. */
export function openRecordDesk(client: RedisLike, prefix: string): RecordDesk {
  const channel = channelOf(prefix);

  const ask = async (
    script: Script,
    recordId: string,
    args: readonly RedisArgument[],
  ): Promise<ScriptReply> => new ScriptReply(await run(client, script, [prefix + recordId], args));

  const inspect = async (recordId: string): Promise<FoundRecord> =>
    parseInspection(await ask(inspectScript, recordId, []));

  /**
   * Settles what was just looked at. The outcome's fence is larger than the claim's, which the script
   * compares with the one that the operator saw, and no larger than the clock's: the next claim's is
   * larger still.
   */
  async function settle({ recordId, fence, settlement }: SettleRequest): Promise<ChangeReply> {
    const found = await inspect(recordId);
    if (found.state !== 'lapsed' && found.state !== 'released') return found.state;
    const { attempt, fingerprint, nowMs } = found;
    const outcome = { attempt, fingerprint, fence: Math.max(found.fence + 1, nowMs * 1_000) };
    const ending =
      settlement.kind === 'rerun'
        ? undefined
        : { packed: packOutcome({ ...settlement, ...outcome }), ttlMs: settlement.ttlMs };
    const args = settleArguments(recordId, fence, ending, channel);
    return parseChange(await ask(settleScript, recordId, args));
  }

  /** A completed record that only its checksum tells from a sound one; nothing if it is not that. */
  async function damagedBytes(recordId: string): Promise<Buffer> {
    const bytes = await send(client, 'get', [prefix + recordId]).catch(() => undefined);
    return Buffer.isBuffer(bytes) && readOutcome(bytes, 0) === undefined ? bytes : NOTHING;
  }

  return {
    inspect,
    async memoryBytes(recordId) {
      const asked = send(client, 'memory', ['USAGE', prefix + recordId, 'SAMPLES', 0]);
      const bytes = await asked.catch(() => undefined);
      return typeof bytes === 'number' ? bytes : undefined;
    },
    settle,
    async forget({ recordId, fence, alsoRunning }) {
      const damaged = fence === undefined ? await damagedBytes(recordId) : NOTHING;
      const args = forgetArguments(fence, alsoRunning, damaged);
      return parseChange(await ask(forgetScript, recordId, args));
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
