import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Makes a folder for this process alone beside the folder whose place it is to take, and removes those
 * that processes left which were killed.
 *
 * @param {string} place
 */
export function makeOwnFolder(place) {
  const parent = dirname(place);
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const pid = Number(/\.(?:new|old)-(\d+)$/.exec(name)?.[1]);
    if (pid > 0 && !isRunning(pid)) rmSync(join(parent, name), { recursive: true, force: true });
  }
  const folder = `${place}.new-${process.pid}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  return folder;
}

/**
 * Puts a folder in the place of another, which other processes may be doing too: the last one wins. The
 * place is empty only between two renames, because a program that starts meanwhile would miss its files.
 */
export function takePlace(folder, place) {
  const old = `${place}.old-${process.pid}`;
  for (;;) {
    rmSync(old, { recursive: true, force: true });
    try {
      renameSync(place, old);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
    try {
      renameSync(folder, place);
      break;
    } catch (error) {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    }
  }
  rmSync(old, { recursive: true, force: true });
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
