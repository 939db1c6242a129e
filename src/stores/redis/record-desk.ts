import { operationOfRecord } from '../../core/record/key.js';
import { inspectScript, parseInspection, type Inspection } from './inspect-script.js';
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
  type ChangeReply,
  type Settlement,
} from './settle-scripts.js';

/** What operators do with records. Every change names the fence of the record that was looked at. */
export interface RecordDesk {
  inspect(recordId: string): Promise<Inspection>;
  /** How many bytes of memory the record takes, if the user may ask. */
  memoryBytes(recordId: string): Promise<number | undefined>;
  settle(recordId: string, fence: number, settlement: Settlement): Promise<ChangeReply>;
  /** @param fence - `undefined` for a record that cannot be read */
  forget(recordId: string, fence: number | undefined, alsoRunning: boolean): Promise<ChangeReply>;
  /**
   * The ids of records, in no order, a batch for each step of the search; possibly one twice.
   *
   * @param name - of a mutation, as record ids begin with it; unset: all
   */
  scan(name: string | undefined): AsyncIterable<readonly string[]>;
}

/** Opens the desk for the records of a {@link RedisStore} with that prefix. */
export function openRecordDesk(client: RedisLike, prefix: string): RecordDesk {
  const channel = channelOf(prefix);

  const ask = async (
    script: Script,
    recordId: string,
    args: readonly RedisArgument[],
  ): Promise<ScriptReply> => new ScriptReply(await run(client, script, [prefix + recordId], args));

  return {
    inspect: async (recordId) => parseInspection(await ask(inspectScript, recordId, [])),
    async memoryBytes(recordId) {
      const asked = send(client, 'memory', ['USAGE', prefix + recordId, 'SAMPLES', 0]);
      const bytes = await asked.catch(() => undefined);
      return typeof bytes === 'number' ? bytes : undefined;
    },
    settle: async (recordId, fence, settlement) =>
      parseChange(
        await ask(settleScript, recordId, settleArguments(recordId, fence, settlement, channel)),
      ),
    forget: async (recordId, fence, alsoRunning) =>
      parseChange(await ask(forgetScript, recordId, forgetArguments(fence, alsoRunning))),
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
