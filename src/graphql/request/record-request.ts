import type { DigestSecret } from '../../core/crypto/digest.js';
import type { AttemptInfo, EngineRequest } from '../../core/engine/request.js';
import { IdempotencyError } from '../../core/errors.js';
import { fingerprintOf, UncanonicalValueError } from '../../core/fingerprint.js';
import type { RecoverReply } from '../../core/options/options.js';
import { recordIdOf } from '../../core/record/key.js';
import type { FieldPlan } from '../schema/field-plan.js';
import { badUserInput } from '../graphql-error.js';
import type { PreparedField } from '../schema/prepared-schema.js';
import type { Values } from '../graphql-version.js';
import type { DoorCall } from '../schema/registry.js';
import { resolvedFrom, type Resolved } from '../result/resolved.js';
import { isOnPurpose } from '../result/thrown-error.js';
import { scopeOf } from './scope.js';
import { sentArguments } from '../arguments/sent-arguments.js';

/** The record that a request asks for, and what it asks with. */
export interface RequestedRecord {
  readonly scope: string;
  readonly key: string;
  readonly recordId: string;
  readonly fingerprint: string;
}

/** The settings that decide about the identity of a record. */
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

/** The engine's request for a marked field that is called with a key. */
export function engineRequestOf<TContext>(
  { operation, enginePolicy, codec, recover }: PreparedField<TContext>,
  record: RequestedRecord,
  call: DoorCall,
): EngineRequest<Resolved> {
  const { scope, key, recordId, fingerprint } = record;
  return {
    operation,
    scope,
    key,
    recordId,
    fingerprint,
    policy: enginePolicy,
    stepCodec: codec.steps,
    recover:
      recover &&
      (async (attempt) => {
        const reply: unknown = await recover(recoverRequestOf(attempt, record, call));
        return reply === 'RERUN' || reply === 'UNKNOWN' ? reply : foundBy(reply);
      }),
  };
}

function recoverRequestOf(
  attempt: AttemptInfo,
  { scope }: RequestedRecord,
  { args, context }: DoorCall,
) {
  // The signal is a property of the class, so a copy has to name it.
  return { ...attempt, signal: attempt.signal, scope, args, context: context as never };
}

/** The result of `recover`. @throws Error when it is none of the four replies, or no outcome */
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
