// Runs all checks of `npm run check`. The linter takes as long as all others together, and each of them keeps one
// processor busy: it runs beside them, and what it says is printed after them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const OTHERS = [
  ...['format:check', 'typecheck', 'schema:check', 'codegen:check'],
  ...['build', 'docs:api', 'package:check'],
];

/** Runs a script of package.json. Gives whether it passed, and what it printed if that was kept. */
async function run(script, output) {
  const child = spawn(`npm run ${script}`, { shell: true, stdio: ['ignore', output, output] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => (printed += text));
  }
  const [code] = await once(child, 'close');
  return { passed: code === 0, printed };
}

/** Runs the others one after another, until one fails. */
async function runOthers() {
  for (const script of OTHERS) {
    const { passed } = await run(script, 'inherit');
    if (!passed) return false;
  }
  return true;
}

const [passed, lint] = await Promise.all([runOthers(), run('lint', 'pipe')]);
process.stdout.write(lint.printed);
if (!passed || !lint.passed) process.exitCode = 1;
