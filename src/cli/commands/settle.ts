import { randomBytes } from 'node:crypto';
import { outcomeContext, seal, type Cipher } from '../../core/crypto/cipher.js';
import { newOwner } from '../../core/record/key.js';
import type { OutcomeStatus } from '../../core/record/record.js';
import type { Settlement } from '../../core/record/record-admin.js';
import { audited, CHANGE_OPTIONS, confirmed } from '../audit.js';
import type { RecordContext, RecordCommand } from '../command.js';
import type { CommandOptions } from '../options/command-options.js';
import { meaningOf } from '../describe.js';
import { EXIT } from '../exit-codes.js';
import { encodeError, encodeJson } from '../extended-json.js';
import { RECORD_OPTIONS, recordIdIn } from '../options/record-name.js';
import { reportChange } from '../report-change.js';
import { text } from '../terminal/terminal-text.js';
import { CIPHER_OPTIONS, cipherOf, readText } from '../options/secrets.js';
import { UsageError } from '../options/usage-error.js';

const WAYS = ['value', 'value-file', 'error', 'rerun', 'failed', 'unavailable'] as const;
const TTL_SECONDS = { min: 1, max: 34_560_000, otherwise: 86_400 };
const REPLICAS = { min: 0, max: 100, otherwise: 0 };

export const settle: RecordCommand = {
  name: 'settle',
  about: 'record',
  usage: '<record>',
  summary: 'set the outcome of an execution whose owner died or gave up',
  options: {
    ...RECORD_OPTIONS,
    value: { value: 'json', help: 'it took effect, and retries get this result' },
    'value-file': { value: 'file', help: 'the same, from a file; - is standard input' },
    error: { value: 'message', help: 'retries get this error' },
    code: { value: 'code', help: "the error's extensions.code" },
    rerun: { help: 'it took no effect: the next request runs it again' },
    failed: { help: 'retries get IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED' },
    unavailable: { help: 'it took effect, and retries get IDEMPOTENCY_RESULT_UNAVAILABLE' },
    'ttl-seconds': { value: 'n', help: 'how long the outcome is kept (default: 86400)' },
    replicas: { value: 'n', help: 'wait until this many replicas have it' },
    ...CIPHER_OPTIONS,
    ...CHANGE_OPTIONS,
  },
  prepare(options, settings) {
    const recordId = recordIdIn(options, settings);
    const outcome = outcomeIn(options);
    const cipher = cipherOf(options);
    const ttlMs = options.integer('ttl-seconds', TTL_SECONDS) * 1_000;
    const replicas = options.integer('replicas', REPLICAS);
    return async (context) => {
      if (replicas > 0 && context.connection === undefined) {
        throw new UsageError('--replicas applies only to Redis.');
      }
      const { terminal, connection, admin } = context;
      const found = await admin.inspect(recordId);
      if (found.state !== 'lapsed' && found.state !== 'released') {
        terminal.err(text`Refused: ${meaningOf(found)}`);
        return EXIT.refused;
      }
      const what = outcome === undefined ? 'to be run again' : `as ${outcome.status}`;
      const question = text`Settle ${recordId} (${found.state}, attempt ${found.attempt}) ${what}? ${outcome === undefined ? 'The next request runs the mutation.' : 'Retries get this answer, and it cannot be changed.'}`;
      const go = await confirmed(options, terminal, question);
      if (go !== true) {
        terminal.err(
          go === undefined
            ? text`Refused: there is no terminal to ask for confirmation. Pass --yes to settle it.`
            : text`Nothing was changed.`,
        );
        return EXIT.refused;
      }
      const settlement = await settlementOf(outcome, ttlMs, cipher, recordId);
      const change = { command: `settle ${what}`, recordId, before: found.state };
      const result = await audited(connection, options, terminal, change, () =>
        admin.settle({ recordId, fence: found.fence, settlement }),
      );
      const code = reportChange(result, { terminal, options, recordId, done: text`Settled.` });
      return code === EXIT.ok ? acknowledged(context, replicas) : code;
    };
  },
};

/** An outcome for retries, before encryption. */
interface PlainOutcome {
  readonly status: OutcomeStatus;
  readonly payload: Uint8Array;
}

/** The outcome for retries; `undefined` if the mutation runs again. */
function outcomeIn(options: CommandOptions): PlainOutcome | undefined {
  const given = WAYS.filter((way) => options.flag(way) || options.text(way) !== undefined);
  const [way] = given;
  if (given.length !== 1 || way === undefined) {
    throw new UsageError(`Pass exactly one of ${WAYS.map((name) => `--${name}`).join(', ')}.`);
  }
  const code = options.text('code');
  if (code !== undefined && way !== 'error')
    throw new UsageError('--code can be used only with --error.');
  const text = options.text(way) ?? '';
  switch (way) {
    case 'value':
      return { status: 'value', payload: encodeJson(text) };
    case 'value-file':
      return { status: 'value', payload: encodeJson(readText(text)) };
    case 'error':
      return { status: 'error', payload: encodeError(text, code === undefined ? {} : { code }) };
    case 'rerun':
      return undefined;
    case 'failed':
    case 'unavailable':
      return { status: way, payload: new Uint8Array() };
  }
}

async function settlementOf(
  outcome: PlainOutcome | undefined,
  ttlMs: number,
  cipher: Cipher | undefined,
  recordId: string,
): Promise<Settlement> {
  if (outcome === undefined) return { kind: 'rerun' };
  const { status } = outcome;
  const payload =
    cipher === undefined || outcome.payload.length === 0
      ? outcome.payload
      : await seal(cipher, outcome.payload, outcomeContext(recordId, status));
  return { kind: 'outcome', status, payload, ttlMs, owner: newOwner(randomBytes) };
}

/** Waits for the replicas that were asked for. */
async function acknowledged(
  { terminal, connection }: RecordContext,
  wanted: number,
): Promise<number> {
  if (wanted === 0 || connection === undefined) return EXIT.ok;
  const waitMs = Math.max(1, Math.floor(connection.timeoutMs / 2));
  // Of a cluster, the node that was written to is the one that may have to wait.
  const counts = await Promise.all(
    connection.client.primaries().map((node) => node.send('wait', [wanted, waitMs])),
  );
  const reached = Math.min(...counts.map(Number));
  terminal.err(text`${reached} of ${wanted} replicas acknowledged it.`);
  return reached >= wanted ? EXIT.ok : EXIT.refused;
}
