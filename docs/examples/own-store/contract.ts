import { storeContract, type StoreSubject } from 'graphql-idempotency/testing';

/** Any test runner's way to define a test. */
type It = (name: string, run: () => Promise<void>) => void;

/** Runs the contract, each case on a subject of its own. */
export function defineContract(it: It, open: () => StoreSubject | Promise<StoreSubject>): void {
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
