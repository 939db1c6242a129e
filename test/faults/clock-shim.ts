import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { compilePreload } from './preload.js';

/** The wall clock of processes started with `env`. */
export interface ShiftedClock {
  /** To be given to the processes. */
  readonly env: Readonly<Record<string, string>>;
  /** Sets how far their clock is ahead of the true one, at once. */
  set(offsetMs: number): void;
  close(): void;
}

/**
 * Calls the system itself and not the C library's next function: looking that up allocates memory,
 * and Redis's allocator asks for the time.
 */
const SOURCE = /* c */ `
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *offset_us;

__attribute__((constructor)) static void open_offset(void) {
  int file = open(getenv("SHIFTED_CLOCK"), O_RDONLY);
  void *page = mmap(0, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  if (page != MAP_FAILED) offset_us = page;
}

int clock_gettime(clockid_t id, struct timespec *now) {
  int failed = syscall(SYS_clock_gettime, id, now);
  if (!failed && id == CLOCK_REALTIME && offset_us) {
    int64_t ns = now->tv_nsec + *offset_us % 1000000 * 1000;
    now->tv_sec += *offset_us / 1000000;
    while (ns < 0) { ns += 1000000000; now->tv_sec -= 1; }
    now->tv_sec += ns / 1000000000;
    now->tv_nsec = ns % 1000000000;
  }
  return failed;
}

int gettimeofday(struct timeval *now, void *zone) {
  struct timespec precise;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &precise);
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}
`;

/**
 * Compiles a library that stands between a process and its clock.
 *
 * @throws Error when there is no C compiler
 */
export function createShiftedClock(): ShiftedClock {
  const preload = compilePreload(SOURCE, "Shifting Redis's clock");
  const offset = join(preload.folder, 'offset');
  writeFileSync(offset, Buffer.alloc(8));
  const file = openSync(offset, 'r+');
  return {
    env: { ...preload.env, SHIFTED_CLOCK: offset },
    set(offsetMs) {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(BigInt(offsetMs) * 1_000n);
      writeSync(file, bytes, 0, bytes.length, 0);
    },
    close() {
      closeSync(file);
      preload.remove();
    },
  };
}
