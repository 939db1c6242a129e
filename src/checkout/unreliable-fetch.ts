import type { Cell } from './cell.js';

/** The network failed after the request had arrived. */
export class ResponseLost extends TypeError {
  override readonly name = 'ResponseLost';
}

/**
 * A `fetch` that throws the next response away while the switch is on, and switches it off: the
 * server has done its work, and the page does not learn of it.
 */
export function unreliableFetch(loseNext: Cell<boolean>): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (!loseNext.get()) return response;
    loseNext.set(false);
    await response.body?.cancel();
    throw new ResponseLost('The response was lost.');
  };
}
