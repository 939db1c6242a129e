/** A marked mutation that is stored until its answer is known. */
export interface QueuedMutation {
  /** The operation and its key. */
  readonly id: string;
  /** The operation's name. */
  readonly operationName: string;
  /** The key that it was born with, and is sent with each time. */
  readonly key: string;
  /** When it was first sent, in milliseconds since the Unix epoch. */
  readonly bornAtMs: number;
  /** When the server may have forgotten it, on the same scale. */
  readonly expiresAtMs: number;
  readonly url: string;
  /** The body, with the variables. */
  readonly body: string;
  /** The key's header, if the key travels in one. No other header is stored. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Parses what is stored; undefined for what another version or another program has left. */
export function parseQueued(value: unknown): QueuedMutation | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, operationName, key, bornAtMs, expiresAtMs, url, body, headers } = value as Partial<
    Record<keyof QueuedMutation, unknown>
  >;
  const areTexts = [id, operationName, key, url, body].every((text) => typeof text === 'string');
  const areTimes = [bornAtMs, expiresAtMs].every((time) => Number.isFinite(time));
  const isHeaders =
    typeof headers === 'object' &&
    headers !== null &&
    Object.values(headers).every((header) => typeof header === 'string');
  return areTexts && areTimes && isHeaders ? (value as QueuedMutation) : undefined;
}
