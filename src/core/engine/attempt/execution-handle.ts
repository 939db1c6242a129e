import { downstreamKeyOf } from '../../record/key.js';
import { refuseUnknownOptions } from '../../values/unknown-options.js';
import type { Claim } from './claim.js';
import type { Execution } from './execution.js';
import type { AttemptInfo } from '../request.js';
import type { Units } from '../units.js';

const KEY_OPTION_NAMES = Object.freeze({ length: true } as const);

/**
 * The argument of `recover`. The signal is a getter of the class, so it is created only on use;
 * functions are properties of the object, so they can be destructured.
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
    this.downstreamKey = (label, options = {}) => {
      refuseUnknownOptions('downstreamKey', options, KEY_OPTION_NAMES);
      return downstreamKeyOf(scope, operation, key, label, options.length);
    };
    this.#claim = claim;
  }

  get signal(): AbortSignal {
    return this.#claim.lease.signal;
  }
}

/** A resolver's execution. */
export class ExecutionHandle extends AttemptHandle implements Execution {
  readonly step: Execution['step'];
  readonly transaction: Execution['transaction'];

  constructor(claim: Claim, units: Units) {
    super(claim);
    this.step = (name, run, options) => units.steps.step(name, run, options);
    this.transaction = (database, body, options) => units.transactions.run(database, body, options);
  }
}
