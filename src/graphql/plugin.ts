import { randomBytes } from 'node:crypto';
import type { ApolloServerPlugin, GraphQLRequestContextDidResolveOperation } from '@apollo/server';
import { OperationTypeNode, type GraphQLSchema } from 'graphql';
import { systemClock } from '../core/clock.js';
import { createEngine, type Engine } from '../core/engine/engine.js';
import { IdempotencyError } from '../core/errors.js';
import { createEvents } from '../core/events.js';
import { optionProblems } from '../core/option-problems.js';
import { IDEMPOTENCY_DEFAULTS, type IdempotencyOptions } from '../core/options.js';
import { pooledRandomBytes } from '../core/crypto/random-pool.js';
import { sealStore } from '../core/crypto/sealed-store.js';
import { checkStore, warnOfStore } from './check-store.js';
import { rootFieldsOf, type RootFields } from './document.js';
import { rejectedEvent, unsealedTeller } from './field-events.js';
import { planSchema, type FieldPlan, type SchemaPlan } from './field-plan.js';
import { toGraphQLError } from './graphql-error.js';
import { refuseDefaultKeys } from './default-keys.js';
import { coerceVariables, type Variables } from './graphql-version.js';
import { createOperationRuntime } from './operation-runtime.js';
import { createPreparedDocuments, type PreparedDocuments } from './prepared-documents.js';
import { attachOperation } from './registry.js';
import { headerKey, refuseAmbiguousHeader } from './request-key.js';
import { writeReports, type OperationReports } from './response-marks.js';
import { startError, wrapMarkedFields } from './wrap-field.js';

/** A schema that is ready to be served. */
interface PreparedSchema<TContext> extends SchemaPlan<TContext> {
  readonly documents: PreparedDocuments;
}

/**
 * Makes the mutations that are marked with `@idempotent` safe to retry.
 *
 * @example
 * ```ts
 * const server = new ApolloServer({
 *   typeDefs: [idempotentTypeDefs, typeDefs],
 *   resolvers,
 *   plugins: [idempotencyPlugin({ store: new RedisStore(redis, { service: 'payments' }), scope: (context) => context.userId })],
 * });
 * ```
 *
 * @returns a plugin for one Apollo Server. The server refuses to start, with one message that
 * lists every problem, if an option or a mark in the schema is wrong
 */
export function idempotencyPlugin<TContext extends object>(
  given: IdempotencyOptions<TContext>,
): ApolloServerPlugin<TContext> {
  // Without types one may give nothing at all, and is told so at start.
  const options: IdempotencyOptions<TContext> = { ...given };
  const schemas = new WeakMap<GraphQLSchema, PreparedSchema<TContext>>();
  const settings = settingsOf(options);
  let engine: Engine | undefined;
  let stopBy = 0;

  function prepare(schema: GraphQLSchema): PreparedSchema<TContext> {
    const known = schemas.get(schema);
    if (known !== undefined) return known;
    const plan = planSchema(schema, options);
    const problems = [
      ...requiredProblems(options),
      ...optionProblems({ ...options }),
      ...plan.problems,
    ];
    if (problems.length > 0) throw startError('idempotencyPlugin', problems);
    wrapMarkedFields(schema);
    const documents = createPreparedDocuments(schema, plan.fields);
    const prepared = { ...plan, documents };
    schemas.set(schema, prepared);
    return prepared;
  }

  /** Refuses what concerns the whole operation, and says what its marked fields will run with. */
  function admit(
    request: GraphQLRequestContextDidResolveOperation<TContext>,
    prepared: PreparedSchema<TContext>,
    running: Engine,
    reports: OperationReports,
  ): void {
    const { schema, document, operation } = request;
    if (operation?.operation !== OperationTypeNode.MUTATION) return;
    const variables = (): Variables | undefined =>
      coerceVariables(schema, operation, request.request.variables);
    let rootFields = prepared.documents.rootFieldsOf(document, operation);
    if (rootFields === null) {
      const coerced = variables();
      if (coerced === undefined) return;
      rootFields = rootFieldsOf({ schema, document, operation }, coerced);
    }
    reports.marked = countMarked(rootFields, prepared.fields);
    if (reports.marked === 0) return;
    if (reports.marked > settings.fieldsMax) throw tooManyFields(settings.fieldsMax);
    refuseDefaultKeys(
      prepared.documents.defaultKeysOf(document, operation),
      request.request.variables,
    );
    const key = headerKey(request.request.http?.headers.get(settings.header));
    if (key !== undefined) {
      refuseAmbiguousHeader(rootFields, prepared.fields, variables, request.requestIsBatched);
    }
    const runtime = createOperationRuntime<TContext>({
      engine: running,
      fields: prepared.fields,
      scope: settings.scope,
      resultBytesMax: settings.resultBytesMax,
      digestSecret: options.digestSecret,
      redact: options.redact,
      events: settings.events,
      telemetry: options.telemetry,
      rawVariables: request.request.variables,
      headerKey: key,
      mapsHttpStatus: settings.httpStatus && rootFields.size === 1,
      reports: reports.fields,
    });
    attachOperation(request.contextValue, runtime);
  }

  return {
    async serverWillStart({ schema }) {
      prepare(schema);
      const { cipher } = options;
      const store = cipher
        ? sealStore(options.store, cipher, unsealedTeller(settings.events))
        : options.store;
      const running = createEngine({
        store,
        storeTimeoutMs: settings.storeTimeoutMs,
        events: settings.events,
        randomBytes: pooledRandomBytes(randomBytes),
        cipher,
      });
      engine = running;
      // Who listens to events is told there; everybody else must be told as well.
      const warn = options.onEvent === undefined ? warnOfStore : (): void => undefined;
      await checkStore(store, settings.events, warn);
      return {
        schemaDidLoadOrUpdate({ apiSchema }) {
          prepare(apiSchema);
        },
        async drainServer() {
          stopBy = systemClock.now() + settings.drainTimeoutMs;
          await running.drain(settings.drainTimeoutMs);
        },
        async serverWillStop() {
          // What came in while the server drained, within the same time.
          const left = await running.drain(Math.max(0, stopBy - systemClock.now()));
          if (left.executions > 0 || left.writes > 0) {
            settings.events.listener?.({ type: 'unfinished', ...left });
          }
          running.stop();
          await store.close();
        },
      };
    },

    requestDidStart() {
      const reports: OperationReports = { marked: 0, fields: new Map() };
      return Promise.resolve({
        // The only hook whose errors reach the client as they are.
        didResolveOperation(request) {
          const prepared = prepare(request.schema);
          const misplaced = prepared.documents.misplacedIn(request.document);
          if (misplaced !== null) throw misplaced;
          const startedAt = systemClock.now();
          try {
            if (engine !== undefined) admit(request, prepared, engine, reports);
          } catch (error) {
            if (!IdempotencyError.is(error)) throw error;
            const operation = request.schema.getMutationType()?.name ?? '';
            const asked = { operation, recordId: undefined, startedAt };
            settings.events.listener?.(rejectedEvent(error.code, asked));
            throw toGraphQLError(error, settings.httpStatus ? 'mapped' : 'ok');
          }
          return Promise.resolve();
        },
        willSendResponse({ response, requestIsBatched }) {
          writeReports(response, reports, requestIsBatched);
          return Promise.resolve();
        },
      });
    },
  };
}

/** The options that requests need, with their defaults. */
function settingsOf<TContext>(options: Partial<IdempotencyOptions<TContext>>) {
  const { scope } = options;
  const header: unknown = options.header;
  return {
    header: typeof header === 'string' ? header.toLowerCase() : IDEMPOTENCY_DEFAULTS.header,
    storeTimeoutMs: options.storeTimeoutMs ?? IDEMPOTENCY_DEFAULTS.storeTimeoutMs,
    drainTimeoutMs: options.drainTimeoutMs ?? IDEMPOTENCY_DEFAULTS.drainTimeoutMs,
    fieldsMax: options.fieldsMax ?? IDEMPOTENCY_DEFAULTS.fieldsMax,
    resultBytesMax: options.resultBytesMax ?? IDEMPOTENCY_DEFAULTS.resultBytesMax,
    httpStatus: options.httpStatus ?? IDEMPOTENCY_DEFAULTS.httpStatus,
    events: createEvents(
      options.onEvent,
      options.telemetry && ((event) => options.telemetry?.onEvent(event)),
    ),
    scope: typeof scope === 'function' ? scope : (): unknown => scope,
  };
}

function requiredProblems(options: Partial<IdempotencyOptions<never>>): string[] {
  const problems: string[] = [];
  if (typeof options.store?.begin !== 'function') {
    problems.push('store is missing: pass a RedisStore, or a MemoryStore for a single process.');
  }
  if (typeof options.scope !== 'function' && options.scope !== 'global') {
    problems.push(
      "scope is missing: say whose key it is, as in (context) => context.userId. 'global' is for " +
        'servers with a single caller.',
    );
  }
  return problems;
}

function countMarked(fields: RootFields, plans: ReadonlyMap<string, FieldPlan<never>>): number {
  let count = 0;
  for (const [node] of fields.values()) {
    if (node !== undefined && plans.has(node.name.value)) count += 1;
  }
  return count;
}

function tooManyFields(fieldsMax: number): IdempotencyError {
  return new IdempotencyError(
    'IDEMPOTENCY_LIMIT_EXCEEDED',
    `One request can run at most ${String(fieldsMax)} idempotent mutations.`,
  );
}
