import { neededByClaims } from './permission-script.js';

/** The errors of a command that the user or its script may not run. */
const DENIED = /^NOPERM\b|The user executing the script can't run this command/;

/**
 * The check before the first claim, shared by all concurrent first claims: the Redis user must have every
 * permission that a claim may need before it ends. An effect whose outcome could not be kept must not
 * happen. The reply also has Redis's time, which deadlines need.
 */
export class FirstContact {
  readonly #ask: (recordId: string) => Promise<readonly string[]>;
  readonly #problemOf: (denied: readonly string[]) => string;
  #asked: Promise<void> | undefined;
  #made = false;

  /**
   * @param ask - returns the permissions that the user lacks
   * @param problemOf - describes them in a sentence
   */
  constructor(
    ask: (recordId: string) => Promise<readonly string[]>,
    problemOf: (denied: readonly string[]) => string,
  ) {
    this.#ask = ask;
    this.#problemOf = problemOf;
  }

  /** True if the check has succeeded. */
  get made(): boolean {
    return this.#made;
  }

  /** @throws Error when permissions are missing; the next call checks again */
  make(recordId: string): Promise<void> {
    this.#asked ??= this.#permitted(recordId).finally(() => {
      this.#asked = undefined;
    });
    return this.#asked;
  }

  /** Handles an error: if a permission was revoked, the next claim checks again. */
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
