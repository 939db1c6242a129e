// needs: graphql
import assert from 'node:assert/strict';
import { MemoryStore, type Clock } from 'graphql-idempotency';
import { storeContract, type StoreSubject } from 'graphql-idempotency/testing';

/** A store whose time passes when it is told to. */
function openSubject(): StoreSubject {
  let now = 0;
  const clock: Clock = {
    now: () => now,
    wallMs: () => now,
    schedule: () => () => undefined,
  };
  const store = new MemoryStore({ clock });
  return {
    store,
    other: store,
    pass(ms) {
      now += ms;
      return Promise.resolve();
    },
    close: () => store.close(),
  };
}

async function main(): Promise<void> {
  for (const { name, run } of storeContract) {
    const subject = openSubject();
    await run(subject).catch((error: unknown) => {
      throw new Error(name, { cause: error });
    });
    await subject.close();
  }
  assert.ok(storeContract.length > 20);
}

void main();
