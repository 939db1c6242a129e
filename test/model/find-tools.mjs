import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The paths of SPIN and of a C compiler: `SPIN_BIN` and `CC`, else from `PATH`, else installed by
 * apt where that is possible.
 *
 * @throws Error that says how to get what is missing
 */
export function findTools() {
  const spin = find('SPIN_BIN', ['spin'], 'spin');
  if (spin === undefined) {
    throw new Error(
      'The model needs SPIN 6: install spin (Debian: apt-get install spin, macOS: brew install ' +
        'spin) or set SPIN_BIN to its path.',
    );
  }
  const compiler = find('CC', ['gcc', 'cc', 'clang'], 'gcc libc6-dev');
  if (compiler === undefined) {
    throw new Error(
      'The model needs a C compiler: install gcc (Debian: apt-get install gcc libc6-dev) or set ' +
        'CC to its path.',
    );
  }
  return { spin, compiler };
}

function find(variable, names, packages) {
  const value = process.env[variable] ?? '';
  if (value === '') {
    return onPath(names) ?? (installWithApt(packages.split(' ')) ? onPath(names) : undefined);
  }
  const found = onPath([value]);
  if (found !== undefined) return found;
  throw new Error(`${variable} is ${value}, which is not an executable file.`);
}

function onPath(names) {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return names
    .flatMap((name) => (name.includes('/') ? [name] : folders.map((folder) => join(folder, name))))
    .find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function installWithApt(packages) {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
  const install = ['install', '-y', '--no-install-recommends', ...packages];
  return spawnSync('apt-get', install, { env, stdio: 'ignore' }).status === 0;
}
