import { createAtom, type Atom } from '../atom.js';

/** The faults that can be caused in the browser. */
export interface Faults {
  /** The next response to a payment does not arrive. Switches itself off. */
  readonly loseNext: Atom<boolean>;
  /** The same, and before the retry the record store has lost everything. Switches itself off. */
  readonly forgetNext: Atom<boolean>;
  /** Every attempt gets a key of its own, as if retries were new intents. */
  readonly freshKeys: Atom<boolean>;
}

/** All off. */
export function createFaults(): Faults {
  return {
    loseNext: createAtom(false),
    forgetNext: createAtom(false),
    freshKeys: createAtom(false),
  };
}
