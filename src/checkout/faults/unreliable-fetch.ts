import { forgetRecords } from './forget-records.js';
import type { Faults } from './faults.js';

/** The network failed after the request had arrived. */
export class ResponseLost extends TypeError {
  override readonly name = 'ResponseLost';
}

/**
 * A `fetch` that throws the next response away while one of the switches is on, and switches it off:
 * the server has done its work, and the page does not learn of it. What is to be forgotten has been
 * before anybody can try again.
 */
export function unreliableFetch({
  loseNext,
  forgetNext,
}: Pick<Faults, 'loseNext' | 'forgetNext'>): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const forgets = forgetNext.get();
    if (!loseNext.get() && !forgets) return response;
    loseNext.set(false);
    forgetNext.set(false);
    await response.body?.cancel();
    if (forgets) await forgetRecords();
    throw new ResponseLost('The response was lost.');
  };
}
