/** How much is measured. */
export interface Rounds {
  readonly rounds: number;
  /** How long each stretch of load lasts, in milliseconds. */
  readonly sliceMs: number;
}
