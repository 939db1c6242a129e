import { proveScript, type Written } from './prove-script.js';
import type { OwnConnection, RedisCommand, RedisReply } from '../clients/redis-driver.js';
import type { ReplicaCounts } from './replica-counts.js';
import { ScriptReply } from '../scripts/script-reply.js';

/** A write, and the record it was made to. */
export interface WrittenRecord {
  readonly key: string;
  readonly written: Written;
}

/** The result of a batch of writes. */
export interface Acknowledgement {
  /** In the order of the batch: `true` if the primary has the write, or the error that left this unknown. */
  readonly proofs: readonly (true | Error)[];
  /** The number of replicas that have everything that the primary had when it proved the writes. */
  readonly replicas: number;
  readonly required: number;
}

/**
 * The number of replicas that must acknowledge, and the longest time that Redis waits, in milliseconds.
 */
export interface AcknowledgementTerms {
  readonly replicas: number | 'all';
  readonly counts: ReplicaCounts;
  /** The name of the primary under which its replicas are counted. */
  readonly primary: string;
  readonly timeoutMs: number;
}

/**
 * Proves writes and waits until replicas have them, in one round trip.
 *
 * ```
 * CLIENT ID, INFO replication (for 'all'), prove, prove, …, WAIT, CLIENT ID
 * ```
 *
 * A client that reconnects sends unanswered commands again. On a new connection, `WAIT` would count
 * replicas without a write to wait for, so the two ids must be the same.
 *
 * @throws Error when the replies come from different connections, or when there are none
 */
export async function acknowledge(
  connection: OwnConnection,
  batch: readonly [WrittenRecord, ...WrittenRecord[]],
  { replicas, counts, primary, timeoutMs }: AcknowledgementTerms,
): Promise<Acknowledgement> {
  let required = replicas === 'all' ? counts.of(primary) : replicas;
  let command: 'evalsha' | 'eval' = 'evalsha';
  for (;;) {
    const commands: RedisCommand[] = [{ name: 'client', args: ['id'] }];
    if (replicas === 'all') commands.push({ name: 'info', args: ['replication'] });
    for (const record of batch) commands.push(proofOf(record, command));
    commands.push({ name: 'wait', args: [required, timeoutMs] }, { name: 'client', args: ['id'] });
    const replies = (await connection.sendTogether(commands, batch[0].key)) ?? [];
    const proofs = batch.map((_, index) => proofIn(replies.at(index - batch.length - 2)));
    // The command before the WAIT was not executed: both must be sent again.
    if (command === 'evalsha' && proofs.some(isNoScript)) {
      command = 'eval';
      continue;
    }
    const [first, acknowledged, last] = [0, -2, -1].map((at) => reply(replies.at(at)));
    if (Number(first) !== Number(last)) {
      throw new Error('The connection was replaced while it waited for replicas.');
    }
    const known = replicas === 'all' ? counts.note(primary, String(reply(replies[1]))) : replicas;
    if (known <= required) return { proofs, replicas: Number(acknowledged), required: known };
    required = known;
  }
}

function proofOf({ key, written }: WrittenRecord, name: 'evalsha' | 'eval'): RedisCommand {
  const text = name === 'eval' ? proveScript.lua : proveScript.sha;
  return { name, args: [text, 1, key, ...proveScript.argumentsOf(written)] };
}

function reply(answered: RedisReply | undefined): unknown {
  const [error, value] = answered ?? [new Error('The pipeline had no reply.')];
  if (error !== null) throw error;
  return value;
}

function proofIn(answered: RedisReply | undefined): true | Error {
  const [error, value] = answered ?? [new Error('The pipeline had no reply.')];
  if (error !== null) return error;
  const [proof] = ScriptReply.each(value);
  if (proof?.isUsual === true) return true;
  return new Error('What was written to Redis is not there any more.');
}

function isNoScript(proof: true | Error): boolean {
  return proof !== true && proof.message.startsWith('NOSCRIPT');
}
