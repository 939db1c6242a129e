import { storeContract, type StoreSubject } from '../../src/testing/index.js';

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
