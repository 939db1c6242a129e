/** When a request was answered, and with what. */
export interface Answered {
  readonly key: string;
  /** On the machine's monotonic clock, the same for all processes. */
  readonly atMs: number;
  /** Equal for equal answers. */
  readonly text: string;
}

/** Some process that executes requests. */
export interface Party {
  /** Executes a request for each of the keys, all at the same time. */
  execute(keys: readonly string[]): Promise<readonly Answered[]>;
  /** Lets the executions end that are held. */
  release(): void;
  /** How often a resolver had its effect. */
  effects(): Promise<number>;
}

/** The machine's monotonic clock, in milliseconds. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
