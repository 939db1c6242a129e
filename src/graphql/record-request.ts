import type { DigestSecret } from '../core/crypto/digest.js';
import type { Attempt, ExecuteRequest, Outcome } from '../core/engine/execute-request.js';
import { IdempotencyError } from '../core/errors.js';
import { fingerprintOf, UncanonicalValueError } from '../core/fingerprint.js';
import type { RecoverReply } from '../core/options.js';
import { recordIdOf } from '../core/record/key.js';
import { withTrace, type TraceContext } from '../core/trace-context.js';
import type { FieldPlan } from './field-plan.js';
import { badUserInput } from './graphql-error.js';
import type { PreparedField } from './prepared-schema.js';
import type { Values } from './graphql-version.js';
import type { DoorCall } from './registry.js';
import type { ClaimedRun } from './result/claimed-run.js';
import { resolvedFrom, type Resolved } from './result/resolved.js';
import { isOnPurpose } from './result/thrown-error.js';
import { scopeOf } from './scope.js';
import { sentArguments } from './sent-arguments.js';

/** The record that a request asks for, and what it asks with. */
export interface RequestedRecord {
  readonly scope: string;
  readonly key: string;
  readonly recordId: string;
  readonly fingerprint: string;
}

/** What decides about the identity of a record. */
export interface RecordSettings<TContext> {
  readonly scope: (context: TContext) => unknown;
  readonly digestSecret: DigestSecret | undefined;
}

/**
 * The record of a request, as a promise only where its scope is one.
 *
 * @throws IdempotencyError when the scope is not known; GraphQLError when the arguments cannot be
 * compared
 */
export function requestedRecord<TContext>(
  plan: FieldPlan<TContext>,
  { scope, digestSecret }: RecordSettings<TContext>,
  key: string,
  call: DoorCall,
  rawVariables: Values | undefined,
): RequestedRecord | Promise<RequestedRecord> {
  // Before the resolver can touch its input.
  const fingerprint = fingerprintArguments(plan, call, digestSecret, rawVariables);
  const found = scopeOf(scope, call.context as TContext);
  const recordIn = (known: string): RequestedRecord => {
    const recordId = recordIdOf(known, plan.operation, key, digestSecret);
    return { scope: known, key, recordId, fingerprint };
  };
  return typeof found === 'string' ? recordIn(found) : found.then(recordIn);
}

/** @throws IdempotencyError `IDEMPOTENCY_KEY_REQUIRED` where a key is required */
export function refuseIfRequired({ policy, operation, keyPaths }: FieldPlan<never>): void {
  if (!policy.required) return;
  const argument = keyPaths[0] === undefined ? '' : `, as the argument "${keyPaths[0].join('.')}"`;
  throw new IdempotencyError(
    'IDEMPOTENCY_KEY_REQUIRED',
    `${operation} needs an idempotency key: in the Idempotency-Key header${argument} or with ` +
      '@idempotent(key:) on the field. Choose one per intent, such as a UUID, and keep it for retries.',
  );
}

/** What a request to the engine is made of. */
export interface EngineRequestParts<TContext> {
  readonly field: PreparedField<TContext>;
  readonly record: RequestedRecord;
  readonly call: DoorCall;
  readonly run: ClaimedRun;
  /** Where the execution is traced. */
  readonly trace: TraceContext | undefined;
  /** Called with the end of the resolver, or with what stands for it. */
  readonly entered: (inner: Resolved) => void;
}

/** The engine's request for a marked field that is called with a key. */
export function executeRequestOf<TContext>({
  field,
  record,
  call,
  run,
  trace,
  entered,
}: EngineRequestParts<TContext>): ExecuteRequest<Resolved> {
  const { operation, policy, codec, recover } = field;
  const outcome = async (attempt: number) => {
    const ended = await run.outcome(attempt);
    return trace === undefined || ended.kind === 'failure' ? ended : traced(ended, trace);
  };
  return {
    operation,
    ...record,
    policy: { ...policy, ttlMs: policy.ttlSeconds * 1_000 },
    // Not an async function: what is thrown before the resolver is entered says that nothing ran.
    run: (execution, again) => {
      run.begin(execution, again);
      return run.run(call.info, call.next).then((inner) => {
        entered(inner);
        return outcome(execution.attempt);
      });
    },
    stepCodec: codec.steps,
    recover:
      recover &&
      (async (attempt) => {
        const reply: unknown = await recover(recoverRequestOf(attempt, record, call));
        if (reply === 'RERUN' || reply === 'UNKNOWN') return reply;
        const inner = foundBy(reply);
        run.recovered(inner);
        entered(inner);
        const ended = await outcome(attempt.attempt);
        if (ended.kind === 'outcome') return ended;
        throw ended.error;
      }),
  };
}

function recoverRequestOf(
  attempt: Attempt,
  { scope }: RequestedRecord,
  { args, context }: DoorCall,
) {
  // The signal is a property of the class, so a copy has to name it.
  return { ...attempt, signal: attempt.signal, scope, args, context: context as never };
}

/** What `recover` found. @throws Error when it is none of the four replies, or no outcome */
function foundBy(reply: unknown): Resolved {
  if (typeof reply === 'object' && reply !== null) {
    const { value, error } = reply as Exclude<RecoverReply, string> & {
      readonly value?: unknown;
      readonly error?: unknown;
    };
    const names = Object.keys(reply);
    if (names.length === 1 && names[0] === 'value') return resolvedFrom(value);
    if (names.length === 1 && names[0] === 'error' && error instanceof Error) {
      if (isOnPurpose(error)) return { kind: 'error', error };
      // What is no answer leaves the outcome unknown, and says why.
      throw error;
    }
  }
  throw new TypeError(
    "recover must give { value }, { error: a GraphQLError }, 'RERUN' or 'UNKNOWN', and gave " +
      `${describeReply(reply)}. The outcome stays unknown.`,
  );
}

function describeReply(reply: unknown): string {
  if (typeof reply === 'string') return JSON.stringify(reply.slice(0, 40));
  if (typeof reply !== 'object' || reply === null) return String(reply);
  return `an object with ${Object.keys(reply).slice(0, 5).join(', ') || 'no properties'}`;
}

function traced(ended: Outcome<Resolved>, trace: TraceContext): Outcome<Resolved> {
  if (ended.payload.length === 0) return ended;
  return { ...ended, payload: withTrace(ended.payload, trace) };
}

function fingerprintArguments(
  plan: FieldPlan<never>,
  { args, info }: DoorCall,
  secret: DigestSecret | undefined,
  rawVariables: Values | undefined,
): string {
  const [node] = info.fieldNodes;
  try {
    const given = node && { node, operation: info.operation, variables: rawVariables };
    const sent = given && sentArguments(plan.field, plan.reading, given);
    return fingerprintOf(args, plan.reading, secret, sent);
  } catch (error) {
    if (error instanceof UncanonicalValueError) throw badUserInput(error.message);
    throw error;
  }
}
