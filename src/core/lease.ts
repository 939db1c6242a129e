import type { Clock } from './clock.js';
import { withinDeadline } from './deadline.js';
import type { IdempotencyStore, RenewRequest } from './store.js';

/** What a lease is taken for. */
export interface LeaseRequest extends RenewRequest {
  /** Whether another request may take the record over once the lease has lapsed. */
  readonly replaceable: boolean;
}

/** A claim that is being renewed. */
export interface Lease {
  /** Aborts when the claim is lost, or can no longer be known to be held. */
  readonly signal: AbortSignal;
  /** The claim turned out to be lost: aborts the signal and ends renewal. */
  lose(): void;
  /** Ends renewal. Resolves when no renewal of this lease is in flight any more. */
  stop(): Promise<void>;
}

/** Renews all leases of a process with one timer and one batch at a time. */
export interface LeaseKeeper {
  hold(request: LeaseRequest): Lease;
}

interface HeldLease {
  readonly request: LeaseRequest;
  readonly controller: AbortController;
  dueAt: number;
  /** Until then, in the local clock, nobody else can own the record. */
  safeUntil: number;
}

/** A renewal that failed is tried again after this part of the lease. */
const RETRY_FRACTION = 12;
const RENEW_FRACTION = 3;

/** Creates the keeper of all leases of one engine. */
export function createLeaseKeeper(
  store: IdempotencyStore,
  clock: Clock,
  timeoutMs: number,
): LeaseKeeper {
  const held = new Set<HeldLease>();
  let cancelTimer: (() => void) | undefined;
  let timerDueAt = Infinity;
  let inFlight: Promise<void> | undefined;

  function arm(): void {
    let dueAt = Infinity;
    for (const lease of held) dueAt = Math.min(dueAt, lease.dueAt);
    // The earliest due lease decides; a batch in flight arms the timer again when it returns.
    if (inFlight !== undefined || dueAt === timerDueAt) return;
    cancelTimer?.();
    cancelTimer = undefined;
    timerDueAt = dueAt;
    if (dueAt === Infinity) return;
    cancelTimer = clock.schedule(Math.max(0, dueAt - clock.now()), () => {
      timerDueAt = Infinity;
      inFlight = renewDue().finally(() => {
        inFlight = undefined;
        arm();
      });
    });
  }

  async function renewDue(): Promise<void> {
    const sentAt = clock.now();
    const batch = [...held].filter(
      ({ dueAt, request }) => dueAt <= sentAt + request.leaseMs / RETRY_FRACTION,
    );
    for (const lease of batch) {
      lease.dueAt = sentAt + lease.request.leaseMs / RETRY_FRACTION;
      if (lease.request.replaceable && sentAt > lease.safeUntil) {
        lease.controller.abort(new Error('The claim could not be renewed in time.'));
      }
    }
    const requests = batch.map(({ request }) => request);
    try {
      const replies = await withinDeadline(store.renew(requests), timeoutMs, clock);
      batch.forEach((lease, index) => {
        if (replies[index] === 'renewed') extend(lease, sentAt);
        else lose(lease);
      });
    } catch {
      // Nothing was learned; each lease is due again soon, and its safe time goes on running.
    }
  }

  function lose(lease: HeldLease): void {
    // A lease that was stopped meanwhile was given up, not lost.
    if (!held.delete(lease)) return;
    lease.controller.abort(new Error('The claim was lost to another request.'));
    arm();
  }

  function extend(lease: HeldLease, from: number): void {
    lease.dueAt = from + lease.request.leaseMs / RENEW_FRACTION;
    // A tenth is left for clocks that run at different speeds.
    lease.safeUntil = from + lease.request.leaseMs * 0.9;
  }

  return {
    hold(request) {
      const lease: HeldLease = {
        request,
        controller: new AbortController(),
        dueAt: 0,
        safeUntil: 0,
      };
      extend(lease, clock.now());
      held.add(lease);
      arm();
      return {
        signal: lease.controller.signal,
        lose: () => {
          lose(lease);
        },
        async stop() {
          held.delete(lease);
          arm();
          await inFlight;
        },
      };
    },
  };
}
