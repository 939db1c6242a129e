/**
 * A place in a trace.
 *
 * @see https://www.w3.org/TR/trace-context/
 */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** 1 if the trace is sampled. */
  readonly traceFlags: number;
}

/** The first byte of a payload that begins with its trace. */
const TRACED_MARK = 0xe2;
const TRACED_BYTES = 26;

/** The payload with the trace that made it in front: mark (1), trace id (16), span id (8), flags (1). */
export function withTrace(payload: Uint8Array, trace: TraceContext): Uint8Array {
  const head = Buffer.alloc(TRACED_BYTES);
  head[0] = TRACED_MARK;
  head.write(trace.traceId, 1, 16, 'hex');
  head.write(trace.spanId, 17, 8, 'hex');
  head[25] = trace.traceFlags;
  return Buffer.concat([head, payload]);
}

/** Parts a payload from the trace that made it, if that is known. */
export function splitTrace(stored: Uint8Array): {
  readonly payload: Uint8Array;
  readonly trace: TraceContext | undefined;
} {
  if (stored[0] !== TRACED_MARK || stored.length < TRACED_BYTES) {
    return { payload: stored, trace: undefined };
  }
  const head = Buffer.from(stored.buffer, stored.byteOffset, TRACED_BYTES);
  const trace = {
    traceId: head.toString('hex', 1, 17),
    spanId: head.toString('hex', 17, 25),
    traceFlags: head[25] ?? 0,
  };
  return { payload: stored.subarray(TRACED_BYTES), trace };
}
