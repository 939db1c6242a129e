import { neededByClaims } from './permission-script.js';

/** The errors of a command that the user, or a script of the user, may not send. */
const DENIED = /^NOPERM\b|The user executing the script can't run this command/;

/**
 * The question that comes before all others, once for all that come first: whether the user may do
 * everything that a claim can lead to. An effect whose outcome could not be kept must not happen. Its
 * reply tells Redis's time as well, without which there are no deadlines.
 */
export class FirstContact {
  readonly #ask: (recordId: string) => Promise<readonly string[]>;
  readonly #problemOf: (denied: readonly string[]) => string;
  #asked: Promise<void> | undefined;
  #made = false;

  /**
   * @param ask - gives the rights that the user lacks
   * @param problemOf - says so in a sentence
   */
  constructor(
    ask: (recordId: string) => Promise<readonly string[]>,
    problemOf: (denied: readonly string[]) => string,
  ) {
    this.#ask = ask;
    this.#problemOf = problemOf;
  }

  /** Whether there is nothing to ask any more. */
  get made(): boolean {
    return this.#made;
  }

  /** @throws Error when rights are missing; the next one asks again */
  make(recordId: string): Promise<void> {
    this.#asked ??= this.#permitted(recordId).finally(() => {
      this.#asked = undefined;
    });
    return this.#asked;
  }

  /** Takes note of an error: if a right was taken away, the next claim asks again. */
  see(error: unknown): void {
    if (error instanceof Error && DENIED.test(error.message)) this.#made = false;
  }

  async #permitted(recordId: string): Promise<void> {
    const denied = neededByClaims(await this.#denied(recordId));
    if (denied.length > 0) throw new Error(this.#problemOf(denied));
    this.#made = true;
  }

  async #denied(recordId: string): Promise<readonly string[]> {
    try {
      return await this.#ask(recordId);
    } catch (error) {
      // Redis does not name the command, and the script has only one.
      if (error instanceof Error && /^ERR.*executing the script/.test(error.message))
        return ['time'];
      throw error;
    }
  }
}
