import { andThen, isPromise, type Awaitable } from '../async/awaitable.js';
import { seal, transactionContext, unseal, type Cipher } from '../crypto/cipher.js';
import type { StepCodec } from '../engine/attempt/steps.js';
import { refusals } from '../refusals.js';
import { messageOf } from '../values/message-of.js';

/** The stored form of a value, and the copy that a later attempt reads from it. */
export interface Encoded<T> {
  readonly copy: T;
  readonly sealed: Buffer;
}

/** The parts needed to store an outcome in a row. */
interface OutcomeSettings {
  readonly recordId: string;
  readonly operation: string;
  readonly codec: StepCodec;
  readonly cipher: Cipher | undefined;
}

/** The outcome of a transaction as its row keeps it: encoded, redacted, and encrypted for that row. */
export class KeptOutcome {
  readonly #settings: OutcomeSettings;
  readonly #name: string;

  constructor(settings: OutcomeSettings, name: string) {
    this.#settings = settings;
    this.#name = name;
  }

  /**
   * At once, if codec and cipher answer at once.
   *
   * @throws Error when the value cannot be kept
   */
  encode<T>(value: T): Awaitable<Encoded<T>> {
    try {
      const encoded = this.#encode(value);
      return isPromise(encoded) ? encoded.catch((error: unknown) => this.#refuse(error)) : encoded;
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /** @throws IdempotencyError `IDEMPOTENCY_RESULT_UNAVAILABLE` when it cannot be read */
  async decode(outcome: Uint8Array): Promise<unknown> {
    const { codec, cipher } = this.#settings;
    try {
      return codec.decode(cipher ? await unseal(cipher, outcome, this.#place) : outcome);
    } catch (error) {
      throw refusals.transactionUnavailable(this.#name, error);
    }
  }

  #encode<T>(value: T): Awaitable<Encoded<T>> {
    const { codec, cipher } = this.#settings;
    return andThen(codec.encode(value, Number.MAX_SAFE_INTEGER), (payload) => {
      const copy = codec.decode(payload) as T;
      const sealed = cipher ? seal(cipher, payload, this.#place) : payload;
      return andThen(sealed, (bytes) => ({ copy, sealed: Buffer.from(bytes) }));
    });
  }

  get #place(): string {
    return transactionContext(this.#settings.recordId, this.#name);
  }

  #refuse(error: unknown): never {
    throw new Error(
      `The transaction "${this.#name}" of ${this.#settings.operation} was rolled back, because what ` +
        `its body returned cannot be kept: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
