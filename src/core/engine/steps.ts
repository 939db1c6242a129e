import { NotPlainError, placeText, UnfaithfulValueError } from '../codec.js';
import { messageOf } from '../message-of.js';
import { withTimeout } from '../timeout.js';
import type { Execution, StepOptions } from './execution.js';
import type { Lease } from './lease.js';
import type { EngineContext } from './context.js';
import {
  STEP_BYTES_MAX,
  STEP_NAME_LENGTH_MAX,
  STEPS_MAX,
  type RecordedStep,
  type StepState,
} from '../record/record.js';
import { refusals } from '../refusals.js';
import type { BeginRequest, Claimed, StepReply, StepRequest } from '../record/store.js';
import { isWellFormed } from '../well-formed.js';

/** Turns what steps and transactions return into bytes and back. */
export interface StepCodec {
  /**
   * @throws NotPlainError when the value has no data that could be kept; UnfaithfulValueError when it
   * is larger than `bytesMax`
   */
  encode(value: unknown, bytesMax: number): Uint8Array;
  /** @throws UnreadableValueError when the bytes cannot be read */
  decode(payload: Uint8Array): unknown;
}

/** The steps of one attempt. */
export interface Steps {
  readonly step: Execution['step'];
  /** The resolver runs again under the same claim, and uses the same names. */
  again(): void;
  /** From now on no step begins. */
  end(): void;
  /** Resolves when every recording is stored, or given up. */
  settled(): Promise<void>;
}

/**
 * Creates the steps of a claimed execution.
 *
 * Invariant: a step whose value the record holds is not run; an `atMostOnce` step runs only once its
 * mark is in the record. Both are written under the owner's claim.
 */
export function createSteps(
  { store, storeTimeoutMs, clock, persistence, events }: EngineContext,
  operation: string,
  { recordId, owner, leaseMs }: BeginRequest,
  claim: Claimed,
  lease: Lease,
  codec: StepCodec,
): Steps {
  const recorded = new Map<string, RecordedStep>(claim.steps);
  const used = new Set<string>();
  const pending = new Set<Promise<void>>();
  let bytesLeft = STEP_BYTES_MAX;
  for (const { payload } of recorded.values()) bytesLeft -= payload.byteLength;
  let ended = false;

  function requestOf(name: string, state: StepState, payload: Uint8Array): StepRequest {
    return { recordId, owner, name, state, payload, leaseMs, timeoutMs: storeTimeoutMs };
  }

  function storeFailure(error: unknown): void {
    events.listener?.({ type: 'storeFailure', operation, recordId, error });
  }

  function observe(reply: StepReply): void {
    if (reply === 'lost') lease.lose();
  }

  function recall(name: string, { state, payload }: RecordedStep): unknown {
    if (state === 'started') throw refusals.stepUnknown(name);
    if (state === 'unavailable') throw refusals.stepUnavailable(name);
    try {
      return codec.decode(payload);
    } catch (error) {
      throw refusals.stepUnavailable(name, error);
    }
  }

  async function mark(name: string): Promise<void> {
    const asked = store.step(requestOf(name, 'started', new Uint8Array()));
    try {
      observe(await withTimeout(asked, storeTimeoutMs, clock));
    } catch (error) {
      storeFailure(error);
      throw refusals.stepNotStarted(name, error);
    }
    lease.throwIfLost();
  }

  /** The write goes on in the background if the store is away: the step's effect has happened. */
  async function record(name: string, step: RecordedStep): Promise<void> {
    recorded.set(name, step);
    bytesLeft -= step.payload.byteLength;
    const request = requestOf(name, step.state, step.payload);
    let settle: () => void = () => undefined;
    const settled = new Promise<void>((resolve) => {
      settle = () => {
        pending.delete(settled);
        resolve();
      };
    });
    pending.add(settled);
    const reply = await persistence.persist(() => store.step(request), {
      essential: true,
      onFirstFailure: storeFailure,
      onLateSuccess: (late) => {
        observe(late);
        settle();
      },
      onGivenUp: (error) => {
        storeFailure(error);
        settle();
      },
    });
    if (reply === undefined) return;
    observe(reply);
    settle();
  }

  async function step<T>(
    name: string,
    run: () => T | Promise<T>,
    { atMostOnce = false }: StepOptions = {},
  ): Promise<T> {
    checkName(name);
    if (ended) throw new Error(`step: the execution of "${name}" has ended.`);
    if (used.has(name)) {
      throw new Error(`step: the name "${name}" was already used. Give each step its own.`);
    }
    // The next effect belongs to the new owner.
    lease.throwIfLost();
    used.add(name);
    const known = recorded.get(name);
    // The value was kept by an earlier attempt of the same code.
    if (known !== undefined) return recall(name, known) as T;
    if (recorded.size >= STEPS_MAX) {
      throw new RangeError(`step: an execution can have at most ${STEPS_MAX} steps.`);
    }
    if (atMostOnce) {
      recorded.set(name, { state: 'started', payload: new Uint8Array() });
      await mark(name);
    }
    let value: T;
    try {
      value = await run();
    } catch (error) {
      if (!atMostOnce) used.delete(name);
      throw error;
    }
    const encoded = encodeStep(codec, value, bytesLeft);
    if (encoded.error !== undefined) {
      const reason = `Step "${name}": ${messageOf(encoded.error)}`;
      const place = encoded.error instanceof UnfaithfulValueError ? encoded.error.place : [];
      const { attempt } = claim;
      events.listener?.({ type: 'unavailable', operation, recordId, attempt, reason, place });
    }
    // Recorded in any case: the step has run, and a retry must not run it again.
    await record(name, encoded.step);
    lease.throwIfLost();
    if (encoded.error instanceof NotPlainError) throw noData(name, encoded.error);
    // What a later attempt would get, this one gets: what is lost on the way is missing at once.
    return (encoded.step.state === 'value' ? codec.decode(encoded.step.payload) : value) as T;
  }

  return {
    step,
    again() {
      used.clear();
    },
    end() {
      ended = true;
    },
    async settled() {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}

/** Steps that are created by the first one: most resolvers have none. */
export function createLazySteps(create: () => Steps): Steps {
  let steps: Steps | undefined;
  let ended = false;
  return {
    step(name, run, options) {
      if (steps === undefined) {
        steps = create();
        if (ended) steps.end();
      }
      return steps.step(name, run, options);
    },
    again: () => steps?.again(),
    end() {
      ended = true;
      steps?.end();
    },
    settled: () => steps?.settled() ?? Promise.resolve(),
  };
}

/** A step's value as it is recorded; `error` says why that is not possible. */
function encodeStep(
  codec: StepCodec,
  value: unknown,
  bytesMax: number,
): { readonly step: RecordedStep; readonly error?: unknown } {
  try {
    return { step: { state: 'value', payload: codec.encode(value, bytesMax) } };
  } catch (error) {
    return { step: { state: 'unavailable', payload: new Uint8Array() }, error };
  }
}

/** What tells a resolver that its step gives something that a later attempt could not get. */
function noData(name: string, error: NotPlainError): Error {
  const { found, place } = error;
  const at = place.length === 0 ? '' : ` at ${placeText(place)}`;
  return new Error(
    `step "${name}": its value contains ${found}${at}. Return the data that later code needs.`,
    { cause: error },
  );
}

function checkName(name: unknown): void {
  const fits = typeof name === 'string' && name.length > 0 && name.length <= STEP_NAME_LENGTH_MAX;
  if (fits && isWellFormed(name)) return;
  throw new RangeError(`step: the name must have 1 to ${STEP_NAME_LENGTH_MAX} characters.`);
}
