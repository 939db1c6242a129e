import type { Clock } from '../../core/async/clock.js';
import type { QueuedMutation } from './queued-mutation.js';

/** The part of a request to IndexedDB that is used. */
interface RequestLike<T> {
  readonly result: T;
  readonly error: unknown;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}

interface ObjectStoreLike {
  get(id: string): RequestLike<unknown>;
  getAll(): RequestLike<unknown[]>;
  count(): RequestLike<number>;
  add(value: unknown): RequestLike<unknown>;
  delete(id: string): RequestLike<unknown>;
  clear(): RequestLike<unknown>;
}

interface TransactionLike {
  readonly error: unknown;
  objectStore(name: string): ObjectStoreLike;
  oncomplete: (() => void) | null;
  onabort: (() => void) | null;
}

interface DatabaseLike {
  transaction(store: string, mode: 'readonly' | 'readwrite'): TransactionLike;
  createObjectStore(name: string, options: { keyPath: string }): unknown;
  close(): void;
  onversionchange: (() => void) | null;
  onclose: (() => void) | null;
}

interface OpenRequestLike extends RequestLike<DatabaseLike> {
  onupgradeneeded: (() => void) | null;
  onblocked: (() => void) | null;
}

interface FactoryLike {
  open(name: string, version: number): OpenRequestLike;
}

const STORE = 'mutations';
/** Some browsers never answer a page that may not store anything. */
const OPEN_MS = 5_000;

/** The queue's table in IndexedDB. Every method rejects if the storage does not work. */
export class QueueDatabase {
  readonly #name: string;
  readonly #clock: Clock;
  #opened: Promise<DatabaseLike> | undefined;

  constructor(name: string, clock: Clock) {
    this.#name = name;
    this.#clock = clock;
  }

  /** Adds a mutation, unless its key is there already. Returns whether there was room for it. */
  async add(mutation: QueuedMutation, entriesMax: number): Promise<boolean> {
    let hasRoom = true;
    await this.#run('readwrite', (store) => {
      const known = store.get(mutation.id);
      known.onsuccess = () => {
        if (known.result !== undefined) return;
        const count = store.count();
        count.onsuccess = () => {
          hasRoom = count.result < entriesMax;
          if (hasRoom) store.add(mutation);
        };
      };
    });
    return hasRoom;
  }

  /** Everything in the table, in no order. */
  async all(): Promise<readonly unknown[]> {
    let found: readonly unknown[] = [];
    await this.#run('readonly', (store) => {
      const request = store.getAll();
      request.onsuccess = () => {
        found = request.result;
      };
    });
    return found;
  }

  /** Whether it is in the table. */
  async has(id: string): Promise<boolean> {
    let isThere = false;
    await this.#run('readonly', (store) => {
      const request = store.get(id);
      request.onsuccess = () => {
        isThere = request.result !== undefined;
      };
    });
    return isThere;
  }

  /** Removes one. */
  async remove(id: string): Promise<void> {
    await this.#run('readwrite', (store) => store.delete(id));
  }

  /** Removes all. */
  async clear(): Promise<void> {
    await this.#run('readwrite', (store) => store.clear());
  }

  async #run(
    mode: 'readonly' | 'readwrite',
    act: (store: ObjectStoreLike) => unknown,
  ): Promise<void> {
    this.#opened ??= this.#open();
    const database = await this.#opened.catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    await new Promise<void>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      transaction.oncomplete = () => {
        resolve();
      };
      transaction.onabort = () => {
        reject(problem(transaction.error));
      };
      act(transaction.objectStore(STORE));
    });
  }

  #open(): Promise<DatabaseLike> {
    return new Promise((resolve, reject) => {
      const { indexedDB } = globalThis as { indexedDB?: FactoryLike };
      if (indexedDB === undefined) throw new Error('There is no IndexedDB.');
      const fail = (): void => {
        reject(new Error('IndexedDB does not answer.'));
      };
      const cancel = this.#clock.schedule(OPEN_MS, fail);
      const request = indexedDB.open(this.#name, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore(STORE, { keyPath: 'id' });
      };
      request.onblocked = fail;
      request.onerror = () => {
        cancel();
        reject(problem(request.error));
      };
      request.onsuccess = () => {
        cancel();
        const database = request.result;
        // Another page deletes it, or the browser takes it away: the next use opens it anew.
        database.onclose = () => {
          this.#opened = undefined;
        };
        database.onversionchange = () => {
          database.close();
          this.#opened = undefined;
        };
        resolve(database);
      };
    });
  }
}

function problem(error: unknown): Error {
  return error instanceof Error ? error : new Error('IndexedDB failed.', { cause: error });
}
