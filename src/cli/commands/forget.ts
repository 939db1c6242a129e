import { audited, CHANGE_OPTIONS, confirmed } from '../audit.js';
import type { RecordCommand } from '../command.js';
import { meaningOf } from '../describe.js';
import { EXIT } from '../exit-codes.js';
import { RECORD_OPTIONS, recordIdIn } from '../options/record-name.js';
import { reportChange } from '../report-change.js';
import { text } from '../terminal/terminal-text.js';

export const forget: RecordCommand = {
  name: 'forget',
  about: 'record',
  usage: '<record>',
  summary: 'delete a record: the next request with its key WILL run',
  options: {
    ...RECORD_OPTIONS,
    running: { help: 'even if a request is running it now' },
    ...CHANGE_OPTIONS,
  },
  prepare(options, settings) {
    const recordId = recordIdIn(options, settings);
    return async ({ terminal, connection, admin }) => {
      const found = await admin.inspect(recordId);
      if (found.state === 'absent') {
        terminal.err(text`${meaningOf(found)}`);
        return EXIT.refused;
      }
      const running = options.flag('running');
      if (found.state === 'running' && !running) {
        terminal.err(
          text`Refused: a request is running it now. Pass --running to forget it anyway.`,
        );
        return EXIT.refused;
      }
      const question = text`Forget ${recordId} (${found.state})? A request with its key will run, even if it took effect before.`;
      const go = await confirmed(options, terminal, question);
      if (go !== true) {
        terminal.err(
          go === undefined
            ? text`Refused: there is no terminal to ask for confirmation. Pass --yes to forget it.`
            : text`Nothing was changed.`,
        );
        return EXIT.refused;
      }
      const fence = found.state === 'unreadable' ? undefined : found.fence;
      const change = { command: 'forget', recordId, before: found.state };
      const result = await audited(connection, options, terminal, change, () =>
        admin.forget({ recordId, fence, alsoRunning: running }),
      );
      return reportChange(result, { terminal, options, recordId, done: text`Forgotten.` });
    };
  },
};
