import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A library that stands between a process and the system, in a folder of its own. */
export interface Preload {
  /** The folder of the library, which may hold files of its user. */
  readonly folder: string;
  /** For the environment of the process. */
  readonly env: { readonly LD_PRELOAD: string };
  /** Removes the folder. */
  remove(): void;
}

/**
 * Compiles a library from C.
 *
 * @param purpose - what needs it, for the error
 * @throws Error when there is no C compiler
 */
export function compilePreload(source: string, purpose: string): Preload {
  const folder = mkdtempSync(join(tmpdir(), 'preload-'));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  const file = join(folder, 'preload.c');
  const library = join(folder, 'preload.so');
  writeFileSync(file, source);
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, file], { stdio: 'pipe' });
  } catch (cause) {
    remove();
    throw new Error(`${purpose} needs a C compiler: install gcc.`, { cause });
  }
  return { folder, env: { LD_PRELOAD: library }, remove };
}
