import type { Clock } from '../../core/async/clock.js';
import { IdempotentMutations } from '../core/idempotent-mutations.js';
import { notify } from '../core/notify.js';
import { isMutation, parseBody, textWith } from '../fetch/graphql-body.js';
import { finalAnswerIn } from './final-answer.js';
import { inOneTab } from './in-one-tab.js';
import { storageSettings, type OfflineQueueOptions, type StorageSettings } from './options.js';
import { QueueDatabase } from './queue-database.js';
import { parseQueued, type QueuedMutation } from './queued-mutation.js';
import { RetryTimer } from './retry-timer.js';

/** The part of a browser's globals that is used, where it exists. */
interface BrowserLike {
  addEventListener?(name: 'online', listener: () => void): void;
  removeEventListener?(name: 'online', listener: () => void): void;
}

/**
 * Keeps marked mutations in IndexedDB until their answers are known, and sends what is left there when
 * the network is back, also after a reload: each with the key that it was born with, the oldest first.
 *
 * @example
 * ```ts
 * const queue = new OfflineQueue({ operations: idempotentOperations });
 * const link = new HttpLink({ uri: '/graphql', fetch: queue.fetch });
 * queue.start();
 * ```
 */
export class OfflineQueue {
  readonly #options: OfflineQueueOptions;
  readonly #storage: StorageSettings;
  readonly #mutations: IdempotentMutations;
  readonly #database: QueueDatabase;
  readonly #clock: Clock;
  readonly #retry: RetryTimer;
  readonly #sending = new Set<string>();
  #isFlushing = false;
  #isStarted = false;

  /** @throws TypeError that lists every wrong option */
  constructor(options: OfflineQueueOptions) {
    this.#storage = storageSettings(options);
    const { operations, header, clock } = options;
    this.#options = options;
    this.#mutations = new IdempotentMutations(
      {
        operations,
        ...(header !== undefined && { header }),
        ...(clock !== undefined && { clock }),
      },
      'OfflineQueue',
    );
    this.#clock = this.#mutations.settings.clock;
    this.#database = new QueueDatabase(this.#storage.name, this.#clock);
    this.#retry = new RetryTimer(this.#clock, () => void this.flush());
  }

  /**
   * A `fetch` that stores a marked mutation before it is sent, and forgets it when it is answered.
   * Everything else, and a mutation that must not be repeated, passes untouched.
   */
  readonly fetch: typeof fetch = async (input, init) => {
    const queued = this.#queuedOf(input, init);
    if (queued === undefined) return this.#send(input, init);
    this.#sending.add(queued.id);
    try {
      await this.#store(queued);
      const headers = { ...Object.fromEntries(new Headers(init?.headers)), ...queued.headers };
      const response = await this.#send(input, { ...init, headers, body: queued.body });
      const isAnswered = (await finalAnswerIn(response)) !== undefined;
      if (isAnswered || init?.signal?.aborted === true) await this.#remove(queued);
      // A caller that does not try again does not say so: the mutation must not wait for the next page.
      else this.#later();
      return response;
    } catch (error) {
      // Whoever aborts a mutation does not want it to be sent later.
      if (init?.signal?.aborted === true) await this.#remove(queued);
      else this.#later();
      throw error;
    } finally {
      this.#sending.delete(queued.id);
    }
  };

  /** Sends what is left, now and whenever the network comes back. Returns what ends that. */
  start(): () => void {
    const browser = globalThis as BrowserLike;
    const flush = (): void => void this.flush();
    this.#isStarted = true;
    browser.addEventListener?.('online', flush);
    flush();
    return () => {
      this.#isStarted = false;
      this.#retry.cancel();
      browser.removeEventListener?.('online', flush);
    };
  }

  /** Sends what is left, the oldest first, until one gets no answer. Does nothing while another tab does. */
  async flush(): Promise<void> {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.#retry.cancel();
    try {
      await this.#attempt(async () => {
        const name = `graphql-idempotency ${this.#storage.name}`;
        if (!(await inOneTab(name, () => this.#sendAll()))) this.#later();
      });
    } finally {
      this.#isFlushing = false;
    }
  }

  /** Forgets every stored mutation, for example when the user signs out. */
  async clear(): Promise<void> {
    await this.#database.clear();
  }

  async #sendAll(): Promise<void> {
    for (const queued of await this.#stored()) {
      if (this.#sending.has(queued.id)) continue;
      if (await this.#sendAgain(queued)) continue;
      this.#retry.failed();
      this.#later();
      return;
    }
    this.#retry.succeeded();
  }

  /** Sends one, unless it is too old. Returns whether it is over. */
  async #sendAgain(queued: QueuedMutation): Promise<boolean> {
    const { id, url, body, headers: own } = queued;
    const isTooOld = (): boolean => this.#clock.wallMs() >= queued.expiresAtMs;
    try {
      const current = isTooOld() ? undefined : await this.#options.headers?.();
      // Only now, with the headers of whoever is signed in: it may be forgotten since it was read, in
      // any tab, because its user has signed out.
      if (!(await this.#database.has(id))) return true;
      if (isTooOld()) {
        await this.#remove(queued);
        this.#tell(() => this.#options.onDropped?.(queued));
        return true;
      }
      const headers = {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json;q=0.9',
        ...current,
        ...own,
      };
      const answer = await finalAnswerIn(await this.#send(url, { method: 'POST', headers, body }));
      if (answer === undefined) return false;
      await this.#remove(queued);
      this.#tell(() => this.#options.onAnswer?.(queued, answer));
      return true;
    } catch {
      return false;
    }
  }

  #later(): void {
    if (this.#isStarted) this.#retry.set();
  }

  /** The request, as it is stored; undefined for what is not a marked mutation that may be repeated. */
  #queuedOf(
    input: Parameters<typeof fetch>[0],
    init: RequestInit | undefined,
  ): QueuedMutation | undefined {
    if (typeof init?.body !== 'string') return undefined;
    const body = parseBody(init.body);
    if (body?.operationName === undefined || isMutation(body) === false) return undefined;
    const { operationName, variables, document } = body;
    const given = Object.fromEntries(new Headers(init.headers));
    const mutation = this.#mutations.keyed({ operationName, variables, document, headers: given });
    if (mutation?.repeatable !== true) return undefined;
    const { key, headers, ttlSeconds } = mutation;
    const name = this.#mutations.settings.header;
    const value = headers[name];
    const bornAtMs = this.#clock.wallMs();
    return {
      id: `${operationName} ${key}`,
      operationName,
      key,
      bornAtMs,
      expiresAtMs: bornAtMs + ttlSeconds * 1_000,
      url: typeof input === 'object' && 'url' in input ? input.url : String(input),
      body: textWith(init.body, body, mutation.variables),
      headers: value === undefined ? {} : { [name]: value },
    };
  }

  #send(...call: Parameters<typeof fetch>): Promise<Response> {
    return (this.#options.fetch ?? fetch)(...call);
  }

  async #store(queued: QueuedMutation): Promise<void> {
    await this.#attempt(async () => {
      if (await this.#database.add(queued, this.#storage.entriesMax)) return;
      this.#tell(() => this.#options.onProblem?.({ kind: 'full' }));
    });
  }

  async #stored(): Promise<readonly QueuedMutation[]> {
    const queued: QueuedMutation[] = [];
    await this.#attempt(async () => {
      for (const value of await this.#database.all()) {
        const parsed = parseQueued(value);
        if (parsed !== undefined) {
          queued.push(parsed);
          continue;
        }
        await this.#database.remove((value as { id: string }).id);
        this.#tell(() => this.#options.onProblem?.({ kind: 'damaged' }));
      }
    });
    return queued.sort((one, other) => one.bornAtMs - other.bornAtMs);
  }

  async #remove({ id }: QueuedMutation): Promise<void> {
    await this.#attempt(() => this.#database.remove(id));
  }

  async #attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (cause) {
      this.#tell(() => this.#options.onProblem?.({ kind: 'unavailable', cause }));
    }
  }

  #tell(listener: () => unknown): void {
    notify(listener, undefined);
  }
}
