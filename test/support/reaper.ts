import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';

/** Reads "+ pid" and "- pid"; when nobody is left to write, kills what has not ended. */
const WATCH = `
pids=' '
while read -r sign pid; do
  case $sign in
    +) pids="$pids$pid " ;;
    -) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
  esac
done
[ "$pids" = ' ' ] || kill -9 $pids
`;

let reaper: Socket | undefined;

/**
 * Sees to it that a child does not outlive this process, however it ends: jest hides the event
 * `exit` from tests, and a killed process can do nothing any more.
 */
export function reap(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  const input = (reaper ??= startReaper());
  input.write(`+ ${String(pid)}\n`);
  child.once('exit', () => input.write(`- ${String(pid)}\n`));
}

function startReaper(): Socket {
  // In a group of its own: Ctrl-C must not end it before it has done its work.
  const child = spawn('sh', ['-c', WATCH], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.unref();
  if (!(child.stdin instanceof Socket)) throw new Error('The reaper has no input.');
  child.stdin.unref();
  return child.stdin;
}
