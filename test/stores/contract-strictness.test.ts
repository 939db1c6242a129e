import { encodeValue } from '../../src/core/codec.js';
import { MemoryStore, type CompleteRequest, type StepRequest } from '../../src/index.js';
import { storeContract } from '../../src/testing/index.js';
import { ManualClock } from '../support/manual-clock.js';

type Lent = CompleteRequest | StepRequest;

/** A store that keeps something else than the bytes of a payload. */
class CarelessStore extends MemoryStore {
  readonly #keeps: (payload: Uint8Array) => Uint8Array;

  constructor(clock: ManualClock, keeps: (payload: Uint8Array) => Uint8Array) {
    super({ clock });
    this.#keeps = keeps;
  }

  override complete(request: CompleteRequest): ReturnType<MemoryStore['complete']> {
    return super.complete(this.#kept(request));
  }

  override step(request: StepRequest): ReturnType<MemoryStore['step']> {
    return super.step(this.#kept(request));
  }

  #kept<T extends Lent>(request: T): T {
    return { ...request, payload: this.#keeps(request.payload) };
  }
}

/** The names of the cases that a store does not keep. */
async function broken(keeps: (payload: Uint8Array) => Uint8Array): Promise<string[]> {
  const names: string[] = [];
  for (const { name, run } of storeContract) {
    const clock = new ManualClock();
    const store = new CarelessStore(clock, keeps);
    const pass = (ms: number): Promise<void> => clock.advance(ms);
    try {
      await run({ store, other: store, pass, close: () => store.close() });
    } catch {
      names.push(name);
    }
  }
  return names;
}

describe('the payloads that a store is given', () => {
  it('are views on memory that holds other data', () => {
    const { buffer, byteLength } = encodeValue({ id: 'p1' }, { bytesMax: 1_000 });
    expect(buffer.byteLength).toBeGreaterThan(byteLength);
  });

  it('keep the contract where their bytes are kept', async () => {
    expect(await broken((payload) => payload)).toEqual([]);
  });

  it('break it where their buffer is', async () => {
    expect(await broken(({ buffer }) => new Uint8Array(buffer))).toEqual([
      expect.stringContaining('of a payload its bytes are kept'),
      expect.stringContaining('of the payload of a step its bytes are kept'),
    ]);
  });
});
