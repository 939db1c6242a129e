import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const MAIN = join(__dirname, '../../dist/cjs/cli/main.js');

describe('the output of the command line', () => {
  it('may be closed by its reader, as "| head" does', async () => {
    const child = spawn(process.execPath, [MAIN, 'table', '--dialect', 'mysql']);
    child.stdout.destroy();
    const [stderr] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect({ stderr, code: child.exitCode }).toEqual({ stderr: '', code: 0 });
  });
});
