import { storeContract, type StoreSubject } from '../../src/testing/index.js';

/** So many cases that their waiting overlaps, and so few that each has its turn in time. */
const CASES_AT_ONCE = 8;

/** Runs the store contract, each case on a subject of its own. */
export function runContract(open: () => StoreSubject | Promise<StoreSubject>): void {
  for (const { name, run } of storeContract) {
    it(name, async () => {
      const subject = await open();
      try {
        await run(subject);
      } finally {
        await subject.close();
      }
    });
  }
}

/**
 * Runs the store contract on one subject, some cases at once: each has records of its own, and where time
 * is real, most of it waits. Nothing may clear the records between two tests.
 */
export function runContractAtOnce(open: () => StoreSubject | Promise<StoreSubject>): void {
  let subject: StoreSubject | undefined;
  const runs: Promise<void>[] = [];

  beforeAll(async () => {
    const opened = await open();
    subject = opened;
    for (const [index, { run }] of storeContract.entries()) {
      const before = Promise.allSettled([runs[index - CASES_AT_ONCE]]);
      runs.push(before.then(() => run(opened)));
    }
    // A failure is told by the case's own test, which may not have begun yet.
    for (const run of runs) run.catch(() => undefined);
  });
  afterAll(async () => {
    await Promise.allSettled(runs);
    await subject?.close();
  });

  for (const [index, { name }] of storeContract.entries()) {
    it(name, async () => {
      await runs[index];
    });
  }
}
