import { outcomeContext, seal, stepContext, unseal, type Cipher } from './cipher.js';
import { messageOf } from '../values/message-of.js';
import type { RecordedStep, StoredOutcome } from '../record/record.js';
import type {
  BeginReply,
  Claimed,
  CompleteRequest,
  IdempotencyStore,
  PeekReply,
  StepRequest,
} from '../record/store.js';

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
  /** The request with its payload sealed; if that fails, `unkept` instead of it. */
  async function sealed<T extends CompleteRequest | StepRequest>(
    request: T,
    context: string,
    unkept: T,
  ): Promise<T> {
    if (request.payload.length === 0) return request;
    try {
      return { ...request, payload: await seal(cipher, request.payload, context) };
    } catch (error) {
      onUnsealed(request, error);
      return unkept;
    }
  }

  async function openOutcome(recordId: string, outcome: StoredOutcome): Promise<StoredOutcome> {
    const payload = await unseal(cipher, outcome.payload, outcomeContext(recordId, outcome.status));
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
      const context = stepContext(recordId, name);
      const opened = await unseal(cipher, step.payload, context).catch(() => undefined);
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
      const { recordId, status } = request;
      const unkept = { ...request, status: 'unavailable', payload: NOTHING } as const;
      const sent = await sealed(request, outcomeContext(recordId, status), unkept);
      const reply = await store.complete(sent);
      if (reply.kind === 'stored' && sent.status !== status)
        return { ...reply, status: sent.status };
      if (reply.kind !== 'superseded' || reply.outcome === undefined) return reply;
      const outcome = await openOutcome(recordId, reply.outcome).catch(() => undefined);
      return { kind: 'superseded', outcome };
    },
    renew: (request) => store.renew(request),
    async step(request) {
      const unkept = { ...request, state: 'unavailable', payload: NOTHING } as const;
      const context = stepContext(request.recordId, request.name);
      return store.step(await sealed(request, context, unkept));
    },
    release: (request) => store.release(request),
    watch: (recordId, onChange) => store.watch(recordId, onChange),
    ping: () => store.ping(),
    check: (timeoutMs) => store.check(timeoutMs),
    close: () => store.close(),
  };
}
