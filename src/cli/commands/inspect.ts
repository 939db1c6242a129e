import { outcomeContext, unseal } from '../../core/crypto/cipher.js';
import { messageOf } from '../../core/message-of.js';
import type { Command, CommandContext } from '../command.js';
import { meaningOf, recordJson, recordPairs, type Found } from '../describe.js';
import { EXIT } from '../exit-codes.js';
import { decodeToJson } from '../notation.js';
import { bytes } from '../quantities.js';
import { RECORD_OPTIONS, recordIdIn } from '../record-name.js';
import { CIPHER_OPTIONS, cipherOf } from '../secrets.js';
import { pairs } from '../table.js';

export const inspect: Command = {
  name: 'inspect',
  usage: '<record>',
  summary: 'show a record: its state, what that means, and what can be done',
  options: {
    ...RECORD_OPTIONS,
    'show-outcome': { help: 'show the stored result too: it may be personal data' },
    ...CIPHER_OPTIONS,
  },
  prepare: () => async (context) => {
    const { options, terminal, connection, desk } = context;
    const recordId = recordIdIn(options, connection.prefix);
    const found = await desk.inspect(recordId);
    const memoryBytes = found.state === 'absent' ? undefined : await desk.memoryBytes(recordId);
    const outcome = options.flag('show-outcome') ? await outcomeIn(context, recordId, found) : {};
    if (options.flag('json')) {
      const record = { ...recordJson(recordId, found), memoryBytes, ...outcome };
      terminal.out(JSON.stringify(record, undefined, 2));
    } else {
      if (found.state !== 'absent') {
        const memory = memoryBytes === undefined ? [] : [['memory', bytes(memoryBytes)] as const];
        const lines = pairs([...recordPairs(recordId, found), ...memory], terminal.bold);
        for (const line of lines) terminal.out(line);
        terminal.out('');
      }
      terminal.out(meaningOf(found));
      if ('outcome' in outcome) terminal.out(`\n${JSON.stringify(outcome.outcome, undefined, 2)}`);
      if (outcome.outcomeProblem !== undefined) terminal.out(`\n${outcome.outcomeProblem}`);
    }
    return found.state === 'absent' ? EXIT.refused : EXIT.ok;
  },
};

/** The outcome in the notation, or why it cannot be shown. */
async function outcomeIn(
  { options }: CommandContext,
  recordId: string,
  found: Found | { readonly state: 'absent' },
): Promise<{ readonly outcome?: unknown; readonly outcomeProblem?: string }> {
  if (found.state !== 'completed' || found.payload.length === 0) return {};
  const cipher = cipherOf(options);
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
