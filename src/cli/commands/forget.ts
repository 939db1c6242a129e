import { audited, CHANGE_OPTIONS, confirmed } from '../audit.js';
import type { Command } from '../command.js';
import { meaningOf } from '../describe.js';
import { EXIT } from '../exit-codes.js';
import { RECORD_OPTIONS, recordIdIn } from '../record-name.js';
import { reportChange } from '../report-change.js';

export const forget: Command = {
  name: 'forget',
  usage: '<record>',
  summary: 'delete a record: the next request with its key WILL run',
  options: {
    ...RECORD_OPTIONS,
    running: { help: 'even if a request is running it now' },
    ...CHANGE_OPTIONS,
  },
  prepare:
    () =>
    async ({ options, terminal, connection, desk }) => {
      const recordId = recordIdIn(options, connection.prefix);
      const found = await desk.inspect(recordId);
      if (found.state === 'absent') {
        terminal.err(meaningOf(found));
        return EXIT.refused;
      }
      const running = options.flag('running');
      if (found.state === 'running' && !running) {
        terminal.err('Refused: a request is running it now. --running forgets it all the same.');
        return EXIT.refused;
      }
      const question = `Forget ${recordId} (${found.state})? A request with its key will run, even if it took effect before.`;
      const go = await confirmed(options, terminal, question);
      if (go !== true) {
        terminal.err(
          go === undefined ? 'Refused: say --yes to forget it.' : 'Nothing was changed.',
        );
        return EXIT.refused;
      }
      const fence = found.state === 'unreadable' ? undefined : found.fence;
      const change = { command: 'forget', recordId, before: found.state };
      const result = await audited(connection, options, terminal, change, () =>
        desk.forget(recordId, fence, running),
      );
      return reportChange(result, { terminal, options, recordId, done: 'Forgotten.' });
    },
};
