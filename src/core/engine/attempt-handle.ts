import type { Attempt, ExecuteRequest } from './execute-request.js';
import type { Execution } from './execution.js';
import { downstreamKeyOf } from '../record/key.js';
import type { Lease } from './lease.js';
import type { Claimed } from '../record/store.js';

/**
 * What `recover` and resolvers are given. The signal is a property of the class, so that it is only
 * made for those who ask for it; functions are properties of the object, so that they can be taken
 * out of it.
 */
class AttemptHandle implements Attempt {
  readonly key: string;
  readonly operation: string;
  readonly attempt: number;
  readonly fence: number;
  readonly downstreamKey: Execution['downstreamKey'];
  readonly #lease: Lease;

  constructor({ key, operation, scope }: ExecuteRequest<unknown>, claim: Claimed, lease: Lease) {
    this.key = key;
    this.operation = operation;
    this.attempt = claim.attempt;
    this.fence = claim.fence;
    this.downstreamKey = (label, options = {}) =>
      downstreamKeyOf(scope, operation, key, label, options.length);
    this.#lease = lease;
  }

  get signal(): AbortSignal {
    return this.#lease.signal;
  }
}

/** What only resolvers may do. */
type ResolverParts = Pick<Execution, 'step' | 'transaction'>;

class ExecutionHandle extends AttemptHandle implements Execution {
  readonly step: Execution['step'];
  readonly transaction: Execution['transaction'];

  constructor(
    request: ExecuteRequest<unknown>,
    claim: Claimed,
    lease: Lease,
    { step, transaction }: ResolverParts,
  ) {
    super(request, claim, lease);
    this.step = step;
    this.transaction = transaction;
  }
}

/** What `recover` is given. */
export function attemptOf(request: ExecuteRequest<unknown>, claim: Claimed, lease: Lease): Attempt {
  return Object.freeze(new AttemptHandle(request, claim, lease));
}

/** What a resolver is given. */
export function executionOf(
  request: ExecuteRequest<unknown>,
  claim: Claimed,
  lease: Lease,
  parts: ResolverParts,
): Execution {
  return Object.freeze(new ExecutionHandle(request, claim, lease, parts));
}
