import { outcomeContext, unseal, type Cipher } from '../../core/crypto/cipher.js';
import { messageOf } from '../../core/values/message-of.js';
import type { RecordContext, RecordCommand } from '../command.js';
import { meaningOf, recordJson, recordPairs, type Found } from '../describe.js';
import { EXIT } from '../exit-codes.js';
import { decodeToJson } from '../extended-json.js';
import { bytes } from '../terminal/format.js';
import { RECORD_OPTIONS, recordIdIn } from '../options/record-name.js';
import { CIPHER_OPTIONS, cipherOf } from '../options/secrets.js';
import { pairs } from '../terminal/table.js';
import { json, text, type Json } from '../terminal/terminal-text.js';

export const inspect: RecordCommand = {
  name: 'inspect',
  about: 'record',
  usage: '<record>',
  summary: 'show a record: its state, what that means, and what can be done',
  options: {
    ...RECORD_OPTIONS,
    'show-outcome': { help: 'show the stored result too: it may be personal data' },
    ...CIPHER_OPTIONS,
  },
  prepare(options, settings) {
    const recordId = recordIdIn(options, settings);
    const cipher = cipherOf(options);
    return (context) => show(context, recordId, cipher);
  },
};

async function show(
  { options, terminal, admin }: RecordContext,
  recordId: string,
  cipher: Cipher | undefined,
): Promise<number> {
  const found = await admin.inspect(recordId);
  const memoryBytes = found.state === 'absent' ? undefined : await admin.memoryBytes?.(recordId);
  const outcome = options.flag('show-outcome') ? await outcomeIn(recordId, found, cipher) : {};
  if (options.flag('json')) {
    const record = { ...recordJson(recordId, found), memoryBytes, ...outcome };
    terminal.out(json(record, 2));
  } else {
    if (found.state !== 'absent') {
      const memory = memoryBytes === undefined ? [] : [['memory', bytes(memoryBytes)] as const];
      const lines = pairs([...recordPairs(recordId, found), ...memory], terminal.bold);
      for (const line of lines) terminal.out(line);
      terminal.out(text``);
    }
    terminal.out(text`${meaningOf(found)}`);
    if (outcome.outcome !== undefined) terminal.out(text`\n${json(outcome.outcome, 2)}`);
    if (outcome.outcomeProblem !== undefined) terminal.out(text`\n${outcome.outcomeProblem}`);
  }
  return found.state === 'absent' ? EXIT.refused : EXIT.ok;
}

/** The outcome in extended JSON, or why it cannot be shown. */
async function outcomeIn(
  recordId: string,
  found: Found | { readonly state: 'absent' },
  cipher: Cipher | undefined,
): Promise<{ readonly outcome?: Json; readonly outcomeProblem?: string }> {
  if (found.state !== 'completed' || found.payload.length === 0) return {};
  try {
    const { payload, status } = found;
    const opened = cipher
      ? await unseal(cipher, payload, outcomeContext(recordId, status))
      : payload;
    return { outcome: decodeToJson(opened) };
  } catch (error) {
    return { outcomeProblem: `The outcome cannot be shown: ${messageOf(error)}` };
  }
}
