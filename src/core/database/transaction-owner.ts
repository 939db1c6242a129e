import type { Clock } from '../async/clock.js';
import type { Cipher } from '../crypto/cipher.js';
import type { Lease } from '../engine/attempt/lease.js';
import type { StepCodec } from '../engine/attempt/steps.js';
import type { Events } from '../events.js';

/** The execution that a transaction belongs to. */
export interface TransactionOwner {
  readonly operation: string;
  readonly recordId: string;
  readonly fingerprint: string;
  readonly owner: string;
  readonly fence: number;
  readonly attempt: number;
  readonly waitMs: number;
  readonly leaseMs: number;
  readonly ttlMs: number;
  /** Tells whether the claim is lost. */
  readonly lease: Pick<Lease, 'signal' | 'throwIfLost'>;
  readonly codec: StepCodec;
  readonly cipher: Cipher | undefined;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly events: Events;
}
