import { SEALED_MARK, type Cipher } from './cipher.js';
import { messageOf } from './message-of.js';
import type { RecordedStep, StoredOutcome } from './record.js';
import type {
  BeginReply,
  Claimed,
  CompleteRequest,
  IdempotencyStore,
  PeekReply,
  StepRequest,
} from './store.js';

const NOTHING = new Uint8Array();

/** Told what could not be encrypted, and will not be kept. */
export type OnUnsealed = (request: CompleteRequest | StepRequest, error: unknown) => void;

/**
 * A store whose payloads are encrypted. Everything else of a record stays as it is: the store has to
 * decide by it.
 *
 * Invariant: what cannot be decrypted is never taken for absent, so that nothing runs again because
 * of it; and what cannot be encrypted is not stored, although its effect has happened.
 */
export function sealStore(
  store: IdempotencyStore,
  cipher: Cipher,
  onUnsealed: OnUnsealed,
): IdempotencyStore {
  async function seal(payload: Uint8Array, context: string): Promise<Uint8Array> {
    return Buffer.concat([Buffer.from([SEALED_MARK]), await cipher.encrypt(payload, context)]);
  }

  async function open(payload: Uint8Array, context: string): Promise<Uint8Array> {
    if (payload.length === 0) return payload;
    if (payload[0] === SEALED_MARK) {
      const opened: unknown = await cipher.decrypt(payload.subarray(1), context);
      if (opened instanceof Uint8Array) return opened;
      throw new Error('The cipher decrypted to something that is not bytes.');
    }
    if (cipher.acceptsPlaintext === true) return payload;
    throw new Error('The value was stored without encryption, which this server does not accept.');
  }

  async function openOutcome(recordId: string, outcome: StoredOutcome): Promise<StoredOutcome> {
    const payload = await open(outcome.payload, outcomeContext(recordId, outcome.status));
    return { ...outcome, payload };
  }

  async function openFound<T extends BeginReply | PeekReply>(
    recordId: string,
    found: T,
  ): Promise<T | { readonly kind: 'unreadable'; readonly reason: string }> {
    if (found.kind !== 'completed') return found;
    try {
      return { ...found, outcome: await openOutcome(recordId, found.outcome) };
    } catch (error) {
      return { kind: 'unreadable', reason: messageOf(error) };
    }
  }

  async function openSteps(recordId: string, claimed: Claimed): Promise<Claimed> {
    if (claimed.steps.size === 0) return claimed;
    const steps = new Map<string, RecordedStep>();
    for (const [name, step] of claimed.steps) {
      const opened = await open(step.payload, stepContext(recordId, name)).catch(() => undefined);
      // It has run, so it is not to be run again.
      const unavailable = { state: 'unavailable', payload: NOTHING } as const;
      steps.set(name, opened === undefined ? unavailable : { ...step, payload: opened });
    }
    return { ...claimed, steps };
  }

  return {
    name: store.name,
    async begin(request) {
      const found = await store.begin(request);
      if (found.kind === 'claimed') return openSteps(request.recordId, found);
      return openFound(request.recordId, found);
    },
    async peek(request) {
      return openFound(request.recordId, await store.peek(request));
    },
    async complete(request) {
      const { recordId } = request;
      const reply = await store.complete(await sealedOutcome(request));
      if (reply.kind !== 'superseded' || reply.outcome === undefined) return reply;
      const outcome = await openOutcome(recordId, reply.outcome).catch(() => undefined);
      return { kind: 'superseded', outcome };
    },
    renew: (requests) => store.renew(requests),
    async step(request) {
      return store.step(await sealedStep(request));
    },
    release: (request) => store.release(request),
    watch: (recordId, onChange) => store.watch(recordId, onChange),
    ping: () => store.ping(),
    check: (timeoutMs) => store.check(timeoutMs),
    close: () => store.close(),
  };

  async function sealedOutcome(request: CompleteRequest): Promise<CompleteRequest> {
    const { recordId, status, payload } = request;
    if (payload.length === 0) return request;
    try {
      return { ...request, payload: await seal(payload, outcomeContext(recordId, status)) };
    } catch (error) {
      onUnsealed(request, error);
      return { ...request, status: 'unavailable', payload: NOTHING };
    }
  }

  async function sealedStep(request: StepRequest): Promise<StepRequest> {
    const { recordId, name, payload } = request;
    if (payload.length === 0) return request;
    try {
      return { ...request, payload: await seal(payload, stepContext(recordId, name)) };
    } catch (error) {
      onUnsealed(request, error);
      return { ...request, state: 'unavailable', payload: NOTHING };
    }
  }
}

/** The place of an outcome. Record ids and statuses have no line break. */
export function outcomeContext(recordId: string, status: StoredOutcome['status']): string {
  return `outcome\n${recordId}\n${status}`;
}

function stepContext(recordId: string, name: string): string {
  return `step\n${recordId}\n${name}`;
}
