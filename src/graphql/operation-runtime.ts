import type { GraphQLResolveInfo } from 'graphql';
import { systemClock } from '../core/clock.js';
import { UnreadableValueError } from '../core/codec.js';
import type { Answer, Engine } from '../core/engine/engine.js';
import type { DigestSecret } from '../core/crypto/digest.js';
import { IdempotencyError } from '../core/errors.js';
import type { Events } from '../core/events.js';
import { fingerprintOf, UncanonicalValueError } from '../core/fingerprint.js';
import { recordIdOf } from '../core/record/key.js';
import { messageOf } from '../core/message-of.js';
import type { RecoverReply, Redact } from '../core/options.js';
import { refusals } from '../core/refusals.js';
import { observe, type FieldSpan, type Telemetry } from '../core/telemetry.js';
import { splitTrace } from '../core/trace-context.js';
import {
  answerEvent,
  missingKeyEvent,
  rejectedEvent,
  tellEnding,
  type FieldRequest,
} from './field-events.js';
import type { FieldPlan } from './field-plan.js';
import { badUserInput, toGraphQLError } from './graphql-error.js';
import { replayOutcome, stepCodecOf, type Resolved } from './outcome.js';
import { reportOf, type FieldReport } from './field-report.js';
import { keeperOf, redactsOf } from './keeping.js';
import { attachExecution, type OperationRuntime } from './registry.js';
import { fieldKey } from './request-key.js';
import { scopeOf } from './scope.js';
import { sentArguments } from './sent-arguments.js';

/** What one operation runs with. */
export interface OperationSettings<TContext> {
  readonly engine: Engine;
  readonly fields: ReadonlyMap<string, FieldPlan<TContext>>;
  readonly scope: (context: TContext) => unknown;
  readonly resultBytesMax: number;
  /** What keys the digests that are stored. */
  readonly digestSecret: DigestSecret | undefined;
  readonly redact: Redact | undefined;
  readonly events: Events;
  readonly telemetry: Telemetry | undefined;
  /** The variables as they were sent. */
  readonly rawVariables: Readonly<Record<string, unknown>> | undefined;
  /** The key from the header. */
  readonly headerKey: string | undefined;
  /** Whether a refusal may set the response's HTTP status. */
  readonly mapsHttpStatus: boolean;
  /** Receives what became of each field, by response key. */
  readonly reports: Map<string, FieldReport>;
}

/** Creates what answers the marked fields of one operation. */
export function createOperationRuntime<TContext>(
  settings: OperationSettings<TContext>,
): OperationRuntime {
  const { engine, reports, events } = settings;
  const inside = new Set<GraphQLResolveInfo>();

  function resolve(
    info: GraphQLResolveInfo,
    args: Readonly<Record<string, unknown>>,
    context: object,
    next: () => unknown,
  ): Promise<unknown> {
    const responseKey = String(info.path.key);
    const operation = `${info.parentType.name}.${info.fieldName}`;
    if (inside.has(info)) throw wrappedTwice(operation);
    inside.add(info);
    const startedAt = systemClock.now();
    const answered = (span: FieldSpan | undefined): Promise<unknown> => {
      const asked = { operation, responseKey, recordId: undefined, startedAt, span };
      return answer(asked, info, args, context, next);
    };
    const { telemetry } = settings;
    return telemetry ? observe(telemetry, operation, answered) : answered(undefined);
  }

  async function answer(
    asked: FieldRequest,
    info: GraphQLResolveInfo,
    args: Readonly<Record<string, unknown>>,
    context: object,
    next: () => unknown,
  ): Promise<unknown> {
    const { operation, responseKey, span } = asked;
    let failure: unknown;
    try {
      const plan = settings.fields.get(info.fieldName);
      if (plan === undefined) throw new Error(`${operation} was not prepared for idempotency.`);
      const key = fieldKey(plan, info.fieldNodes, args, info.variableValues, settings.headerKey);
      if (key === undefined) {
        tellEnding(events, asked, () => missingKeyEvent(plan));
        refuseIfRequired(plan);
        return await next();
      }
      const found = await execute(asked, plan, key, info, args, context as TContext & object, next);
      const resolved = resolvedBy(found, info, asked);
      reports.set(responseKey, reportOf(found, resolved));
      tellEnding(events, asked, () => answerEvent(found, asked));
      if (resolved.kind === 'error') throw resolved.error;
      return resolved.value;
    } catch (error) {
      failure = error;
      if (!(error instanceof IdempotencyError)) throw error;
      reports.set(responseKey, { status: 'rejected' });
      tellEnding(events, asked, () => rejectedEvent(error.code, asked));
      throw toGraphQLError(error, settings.mapsHttpStatus ? 'mapped' : 'unset');
    } finally {
      inside.delete(info);
      span?.end(failure);
    }
  }

  async function execute(
    asked: FieldRequest,
    plan: FieldPlan<TContext>,
    key: string,
    info: GraphQLResolveInfo,
    args: Readonly<Record<string, unknown>>,
    context: TContext & object,
    next: () => unknown,
  ): Promise<Answer<Resolved>> {
    const { operation, policy, recover } = plan;
    // Before the resolver can touch its input.
    const fingerprint = fingerprintArguments(plan, args, settings, info);
    const found = scopeOf(settings.scope, context);
    const scope = typeof found === 'string' ? found : await found;
    const recordId = recordIdOf(scope, operation, key, settings.digestSecret);
    asked.recordId = recordId;
    const redacts = redactsOf(settings.redact, operation);
    const keep = keeperOf(settings, redacts, asked, context, info);
    return engine.execute<Resolved>({
      operation,
      scope,
      key,
      recordId,
      fingerprint,
      policy: { ...policy, ttlMs: policy.ttlSeconds * 1_000 },
      run: async (execution) => {
        attachExecution(info, execution);
        let resolved: Resolved;
        try {
          resolved = { kind: 'value', value: await next() };
        } catch (error) {
          resolved = { kind: 'error', error };
        }
        return keep(resolved, execution.attempt);
      },
      stepCodec: stepCodecOf(context, info, settings.resultBytesMax, redacts),
      recover:
        recover &&
        (async (attempted) => {
          const request = { ...attempted, signal: attempted.signal, scope, args, context };
          const reply = await recover(request);
          if (reply === 'RERUN' || reply === 'UNKNOWN') return reply;
          const kept = await keep(resolvedFrom(reply), attempted.attempt);
          if (kept.kind === 'outcome') return kept;
          throw kept.error;
        }),
    });
  }

  function resolvedBy(
    answer: Answer<Resolved>,
    info: GraphQLResolveInfo,
    { operation, recordId = '', span }: FieldRequest,
  ): Resolved {
    if (answer.kind === 'executed') return answer.answer;
    const { outcome } = answer;
    const { payload, trace } = splitTrace(outcome.payload);
    if (trace !== undefined) span?.link(trace);
    try {
      return replayOutcome(outcome.status, payload, info);
    } catch (error) {
      events.listener?.({ type: 'unreadable', operation, recordId, reason: messageOf(error) });
      throw error instanceof UnreadableValueError
        ? refusals.unreadable(error)
        : refusals.resultUnavailable();
    }
  }

  return { resolve };
}

/** The outer wrapper would sit outside of guards, and the inner one wait for the outer's claim. */
function wrappedTwice(operation: string): Error {
  return new Error(
    `${operation} does not run, because its resolver was already wrapped in the schema that it was ` +
      'taken from. Call applyIdempotency on that schema before you take its resolvers.',
  );
}

function refuseIfRequired({ policy, operation, keyPaths }: FieldPlan<never>): void {
  if (!policy.required) return;
  const argument = keyPaths[0] === undefined ? '' : `, as the argument "${keyPaths[0].join('.')}"`;
  throw new IdempotencyError(
    'IDEMPOTENCY_KEY_REQUIRED',
    `${operation} needs an idempotency key: in the Idempotency-Key header${argument} or with ` +
      '@idempotent(key:) on the field. Choose one per intent, such as a UUID, and keep it for retries.',
  );
}

function fingerprintArguments(
  plan: FieldPlan<never>,
  args: Readonly<Record<string, unknown>>,
  { digestSecret, rawVariables }: Pick<OperationSettings<never>, 'digestSecret' | 'rawVariables'>,
  { fieldNodes: [node], operation }: GraphQLResolveInfo,
): string {
  try {
    const given = node && { node, operation, variables: rawVariables };
    const sent = given && sentArguments(plan.field, plan.reading, given);
    return fingerprintOf(args, plan.reading, digestSecret, sent);
  } catch (error) {
    if (error instanceof UncanonicalValueError) throw badUserInput(error.message);
    throw error;
  }
}

function resolvedFrom(reply: Exclude<RecoverReply, string>): Resolved {
  return 'error' in reply
    ? { kind: 'error', error: reply.error }
    : { kind: 'value', value: reply.value };
}
