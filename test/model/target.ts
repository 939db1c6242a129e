import assert from 'node:assert/strict';
import { RecordModel } from './record-model.js';
import type { Subject } from './subject.js';

/** Who sends a request: the record's owner, one that asked before (the n-th), or somebody new. */
export type Who = 'owner' | 'newcomer' | number;

const FINGERPRINTS = ['a'.repeat(43), 'b'.repeat(43)] as const;

/** A record that commands are sent to, and what the senders know. */
export class Target {
  readonly id: string;
  readonly record = new RecordModel();
  readonly #claims = new Map<string, { readonly fence: number; readonly attempt: number }>();
  readonly #owners: string[] = [];
  #calls = 0;
  #unwatch: (() => void) | undefined;

  constructor(id: string) {
    this.id = id;
  }

  /** The token of a sender. */
  ownerOf(who: Who): string {
    const { state } = this.record;
    if (who === 'owner' && 'owner' in state) return state.owner;
    const earlier = typeof who === 'number' ? this.#owners[who] : undefined;
    if (earlier !== undefined) return earlier;
    // Unlike from the start on, as random tokens are: a record may hold no more of them.
    const token = `${String(this.#owners.length).padStart(4, '0')}-owner`.padEnd(22, '-');
    this.#owners.push(token);
    return token;
  }

  /** The record's own fingerprint, or another one. */
  fingerprintOf(other: boolean): string {
    const [first, second] = FINGERPRINTS;
    const { state } = this.record;
    const own = 'fingerprint' in state ? state.fingerprint : first;
    return (own === first) === other ? second : first;
  }

  /** What a sender says of its claim. */
  claimOf(owner: string): { readonly fence: number; readonly attempt: number } {
    return this.#claims.get(owner) ?? { fence: 1, attempt: 1 };
  }

  /** An owner was told of its claim. */
  learn(owner: string, fence: number, attempt: number): void {
    this.#claims.set(owner, { fence, attempt });
    this.record.learnFence(fence);
  }

  async watch(subject: Subject): Promise<void> {
    if (this.#unwatch !== undefined) return;
    this.#unwatch = await subject.store.watch(this.id, () => (this.#calls += 1));
    // What was on its way already is of no interest.
    await subject.heard();
    this.#calls = 0;
  }

  unwatch(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  /** Runs what may end a claim, and holds the watcher to what it then has heard. */
  async hearing(subject: Subject, act: () => Promise<void>): Promise<void> {
    const before = { ...this.record.ends };
    await act();
    if (this.#unwatch === undefined) return;
    await subject.heard();
    const after = this.record.ends;
    if (after.awaited > before.awaited) assert.ok(this.#calls > 0, 'The watcher was not called.');
    if (after.all === before.all) assert.equal(this.#calls, 0, 'The watcher was called.');
    this.#calls = 0;
  }
}
