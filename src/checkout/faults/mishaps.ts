import { createCell, type Cell } from '../cell.js';

/** The faults that can be caused in the browser. */
export interface Mishaps {
  /** The next response to a payment does not arrive. Switches itself off. */
  readonly loseNext: Cell<boolean>;
  /** The same, and before the retry the record store has lost everything. Switches itself off. */
  readonly forgetNext: Cell<boolean>;
  /** Every attempt gets a key of its own, as if retries were new intents. */
  readonly freshKeys: Cell<boolean>;
}

/** All off. */
export function createMishaps(): Mishaps {
  return {
    loseNext: createCell(false),
    forgetNext: createCell(false),
    freshKeys: createCell(false),
  };
}
