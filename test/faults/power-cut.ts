import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { compilePreload } from './preload.js';

/** Files of processes that are started with `env`, and what a power cut would leave of them. */
export interface PowerSupply {
  /** For the environment of the processes. */
  readonly env: Readonly<Record<string, string>>;
  /** Cuts the files of a folder back to what is on the disk for certain. Their process has ended. */
  cut(folder: string): PowerCut;
  close(): void;
}

/** The losses of a power cut. */
export interface PowerCut {
  readonly lostBytes: number;
  /** The time from which on writes were lost, in milliseconds since 1970: that of the last sync. */
  readonly since: number;
}

/**
 * Notes the size of each file, by its inode, whenever it has been synced. The size is read before the
 * sync: what another thread writes meanwhile may not be included. It is noted before the call returns,
 * so before the process can acknowledge anything. Calls the system itself for the reason that
 * `clock-shim.ts` gives.
 */
const SOURCE = /* c */ `
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int note(long number, int file) {
  struct stat before;
  struct timespec began;
  int known = fstat(file, &before) == 0;
  clock_gettime(CLOCK_REALTIME, &began);
  int failed = syscall(number, file);
  if (failed || !known || !S_ISREG(before.st_mode)) return failed;
  char path[4096];
  snprintf(path, sizeof path, "%s/%llu", getenv("SYNCED_SIZES"), (unsigned long long)before.st_ino);
  int64_t synced[2] = {before.st_size, began.tv_sec * 1000LL + began.tv_nsec / 1000000};
  int notes = open(path, O_WRONLY | O_CREAT, 0600);
  if (notes < 0 || pwrite(notes, synced, sizeof synced, 0) != sizeof synced) abort();
  close(notes);
  return 0;
}

int fsync(int file) { return note(SYS_fsync, file); }
int fdatasync(int file) { return note(SYS_fdatasync, file); }
`;

/**
 * Compiles a library that notes how much of each file has been synced. Names of files count as durable: Redis
 * syncs their folder.
 *
 * @throws Error when there is no C compiler
 */
export function createPowerSupply(): PowerSupply {
  const preload = compilePreload(SOURCE, "Cutting Redis's power");
  const notes = join(preload.folder, 'synced');
  mkdirSync(notes);
  return {
    env: { ...preload.env, SYNCED_SIZES: notes },
    cut(folder) {
      const noted = new Set(readdirSync(notes));
      let lostBytes = 0;
      let since = 0;
      for (const name of readdirSync(folder)) {
        const file = join(folder, name);
        const { ino, size } = statSync(file);
        const note = noted.has(String(ino)) ? readFileSync(join(notes, String(ino))) : undefined;
        const synced = Number(note?.readBigInt64LE(0) ?? 0);
        since = Math.max(since, Number(note?.readBigInt64LE(8) ?? 0));
        if (synced >= size) continue;
        lostBytes += size - synced;
        truncateSync(file, synced);
      }
      return { lostBytes, since };
    },
    close() {
      preload.remove();
    },
  };
}
