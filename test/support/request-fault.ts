/**
 * The fault of one request on its way through a proxy. A cut ends its connection on both sides.
 *
 * - `cut`: cut instead of passing it on; the server never sees it.
 * - `cutReplyAfter`: passed on and executed, then cut after so many bytes of the reply, 0 for none.
 * - `loseRequest`: the connection stays open, but this and what follows never reaches the server.
 * - `loseReply`: passed on and executed; the connection stays open, but nothing comes back any more.
 * - `delayMs`: passed on so much later, with what follows it on its connection.
 */
export type RequestFault =
  | 'cut'
  | 'loseRequest'
  | 'loseReply'
  | { readonly cutReplyAfter: number }
  | { readonly delayMs: number };

/** Which request a fault waits for. */
export interface FaultTrigger {
  /**
   * The text that a chunk of bytes from a client must contain. Short commands are not split into
   * chunks.
   */
  readonly request: string | RegExp;
  /** @defaultValue 1: the first one */
  readonly nth?: number;
}

/** A fault whose request has come. */
export interface DueFault {
  readonly fault: RequestFault;
  /** To be called when the fault has been carried out. */
  readonly struck: () => void;
}

/** Faults that wait for their requests. */
export interface PendingFaults {
  /** Resolves when the fault has been carried out. */
  add(trigger: FaultTrigger, fault: RequestFault): Promise<void>;
  /** Takes out the fault that these bytes trigger, if any. */
  take(chunk: Buffer): DueFault | undefined;
}

/** Creates an empty list of faults. */
export function createPendingFaults(): PendingFaults {
  const pending = new Set<DueFault & { readonly request: string | RegExp; countdown: number }>();
  return {
    add({ request, nth = 1 }, fault) {
      return new Promise((struck) => {
        pending.add({ request, countdown: nth, fault, struck });
      });
    },
    take(chunk) {
      const text = chunk.toString('latin1');
      for (const one of pending) {
        const { request } = one;
        if (typeof request === 'string' ? !text.includes(request) : !request.test(text)) continue;
        one.countdown -= 1;
        if (one.countdown > 0) continue;
        pending.delete(one);
        return one;
      }
      return undefined;
    },
  };
}
