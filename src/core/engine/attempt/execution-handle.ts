import { downstreamKeyOf } from '../../record/key.js';
import type { Claim } from './claim.js';
import type { Execution } from './execution.js';
import type { AttemptInfo } from '../request.js';
import type { Units } from '../units.js';

/**
 * What `recover` is given. The signal is a property of the class, so that it is only made for those
 * who ask for it; functions are properties of the object, so that they can be taken out of it.
 */
export class AttemptHandle implements AttemptInfo {
  readonly key: string;
  readonly operation: string;
  readonly attempt: number;
  readonly fence: number;
  readonly downstreamKey: Execution['downstreamKey'];
  readonly #claim: Claim;

  constructor(claim: Claim) {
    const { scope, operation, key } = claim.request;
    this.key = key;
    this.operation = operation;
    this.attempt = claim.granted.attempt;
    this.fence = claim.granted.fence;
    this.downstreamKey = (label, options = {}) =>
      downstreamKeyOf(scope, operation, key, label, options.length);
    this.#claim = claim;
  }

  get signal(): AbortSignal {
    return this.#claim.lease.signal;
  }
}

/** What a resolver is given. */
export class ExecutionHandle extends AttemptHandle implements Execution {
  readonly step: Execution['step'];
  readonly transaction: Execution['transaction'];

  constructor(claim: Claim, units: Units) {
    super(claim);
    this.step = (name, run, options) => units.steps.step(name, run, options);
    this.transaction = (database, body, options) => units.transactions.run(database, body, options);
  }
}
