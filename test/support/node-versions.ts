import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = resolve(__dirname, '../../node_modules/.cache/node-versions');

/** The platforms for which the registry has packages with Node's own binaries. */
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win-x64'];

/** A Node that programs can be run with. */
export interface NodeVersion {
  readonly major: number;
  /** Its program; undefined where there is none to be had. */
  readonly program: string | undefined;
}

/** Finds the newest release of a major version: this process's own, or one from the registry. */
export async function findNode(major: number): Promise<NodeVersion> {
  if (process.versions.node.startsWith(`${String(major)}.`)) {
    return { major, program: process.execPath };
  }
  const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  if (!PLATFORMS.includes(platform)) return { major, program: undefined };
  const name = `node-${platform}`;
  const folder = join(CACHE, String(major));
  const program = join(
    folder,
    'node_modules',
    name,
    'bin',
    platform.startsWith('win') ? 'node.exe' : 'node',
  );
  if (!existsSync(program)) await install(`${name}@${String(major)}`, folder);
  return { major, program };
}

/** Several test files may want the same one at once: the first that has it puts it in its place. */
async function install(pkg: string, folder: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const made = mkdtempSync(join(CACHE, 'new-'));
  try {
    writeFileSync(join(made, 'package.json'), '{ "private": true }');
    const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', pkg];
    await run('npm', args, { cwd: made, shell: process.platform === 'win32' });
    if (!existsSync(folder)) renameSync(made, folder);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}
