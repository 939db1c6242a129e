import { randomBytes } from 'node:crypto';
import { OperationTypeNode, type GraphQLSchema } from 'graphql';
import { systemClock } from '../core/async/clock.js';
import { UnfaithfulValueError } from '../core/codec.js';
import { pooledRandomBytes } from '../core/crypto/random-pool.js';
import { sealStore } from '../core/crypto/sealed-store.js';
import { Engine } from '../core/engine/engine.js';
import { IdempotencyError } from '../core/errors.js';
import { createEvents, type Events } from '../core/events.js';
import { messageOf } from '../core/values/message-of.js';
import { IDEMPOTENCY_DEFAULTS, type IdempotencyOptions } from '../core/options/options.js';
import type { IdempotencyStore } from '../core/record/store.js';
import { checkStore, warnOfStore } from './check-store.js';
import { refuseDefaultKeys } from './request/default-keys.js';
import { failingKeysOf, rootFieldsOf } from './request/document.js';
import { rejectedEvent, unsealedTeller, type FieldRequest } from './operation/field-events.js';
import { toGraphQLError } from './graphql-error.js';
import { coerceVariables, type Variables } from './graphql-version.js';
import { MarkedOperation, type ServerSettings } from './operation/marked-operation.js';
import type { OperationRequest } from './request/operation-request.js';
import {
  countMarked,
  prepareSchema,
  tooManyFields,
  type PreparedSchema,
} from './schema/prepared-schema.js';
import { attachOperation } from './schema/registry.js';
import { headerKey, refuseAmbiguousHeader } from './request/request-key.js';

/**
 * Idempotency for one server, whichever server that is: prepares its schemas, admits its operations,
 * and ends with it.
 */
export class IdempotencyRuntime<TContext extends object> {
  readonly #options: IdempotencyOptions<TContext>;
  readonly #name: string;
  readonly #schemas = new WeakMap<GraphQLSchema, PreparedSchema<TContext>>();
  readonly #events: Events;
  readonly #header: string;
  readonly #mapsHttpStatus: boolean;
  readonly #drainTimeoutMs: number;
  /** Mutations whose results could not be kept, and for which the process has been warned. */
  readonly #warned = new Set<string>();
  #running: Running<TContext> | undefined;
  #stopBy = 0;
  /** One plugin may be given to several servers: the last one that stops ends what they share. */
  #servers = 0;

  /**
   * @param given - the options; without types one may give nothing at all, and is told so at start
   * @param name - what refuses to start, as its user calls it
   */
  constructor(given: IdempotencyOptions<TContext>, name = 'idempotencyPlugin') {
    const options: IdempotencyOptions<TContext> = { ...given };
    const header: unknown = options.header;
    this.#options = options;
    this.#name = name;
    this.#header = typeof header === 'string' ? header.toLowerCase() : IDEMPOTENCY_DEFAULTS.header;
    this.#mapsHttpStatus = options.httpStatus ?? IDEMPOTENCY_DEFAULTS.httpStatus;
    this.#drainTimeoutMs = options.drainTimeoutMs ?? IDEMPOTENCY_DEFAULTS.drainTimeoutMs;
    const { telemetry } = options;
    this.#events = createEvents(options.onEvent, telemetry?.onEvent.bind(telemetry));
  }

  /**
   * Plans and wraps the marked fields of a schema; once.
   *
   * @throws Error that lists everything that is wrong with the options and the marks
   */
  prepare(schema: GraphQLSchema): PreparedSchema<TContext> {
    const known = this.#schemas.get(schema);
    if (known !== undefined) return known;
    const prepared = prepareSchema(schema, this.#options, this.#name);
    this.#schemas.set(schema, prepared);
    return prepared;
  }

  /**
   * Makes ready for requests and looks at the store.
   *
   * @throws Error if the store refuses how it is set up
   */
  async start(): Promise<void> {
    const options = this.#options;
    const events = this.#events;
    this.#servers += 1;
    if (this.#running !== undefined) return;
    const store = options.cipher
      ? sealStore(options.store, options.cipher, unsealedTeller(events))
      : options.store;
    const engine = new Engine({
      store,
      storeTimeoutMs: options.storeTimeoutMs ?? IDEMPOTENCY_DEFAULTS.storeTimeoutMs,
      events,
      randomBytes: pooledRandomBytes(randomBytes),
      cipher: options.cipher,
    });
    const { scope } = options;
    const settings: ServerSettings<TContext> = {
      engine,
      events,
      telemetry: options.telemetry,
      scope: typeof scope === 'function' ? scope : (): unknown => scope,
      digestSecret: options.digestSecret,
      documentationUrl: options.documentationUrl,
      tellUnkept: (asked, error, attempt) => {
        this.#tellUnkept(asked, error, attempt);
      },
    };
    this.#running = { settings, engine, store };
    // Who listens to events is told there; everybody else must be told as well.
    const warn = options.onEvent === undefined ? warnOfStore : (): void => undefined;
    await checkStore(store, events, warn);
  }

  /**
   * Refuses what concerns the whole operation, and attaches what its marked fields run with to its
   * context value.
   *
   * @returns `undefined` if it has no marked fields
   * @throws GraphQLError
   */
  admit(request: OperationRequest): MarkedOperation<TContext> | undefined {
    const prepared = this.prepare(request.schema);
    const misplaced = prepared.documents.misplacedIn(request.document);
    if (misplaced !== null) throw misplaced;
    if (request.operation.operation !== OperationTypeNode.MUTATION) return undefined;
    const startedAt = systemClock.now();
    try {
      return this.#admitMutation(request, prepared);
    } catch (error) {
      if (!IdempotencyError.is(error)) throw error;
      const operation = request.schema.getMutationType()?.name ?? '';
      const asked = { operation, recordId: undefined, startedAt };
      this.#events.listener?.(rejectedEvent(error.code, asked));
      const { documentationUrl } = this.#options;
      throw toGraphQLError(error, this.#mapsHttpStatus ? 'mapped' : 'ok', documentationUrl);
    }
  }

  /** Waits for everything in flight, within the time that a stopping server may take. */
  async drain(): Promise<void> {
    this.#stopBy = systemClock.now() + this.#drainTimeoutMs;
    await this.#running?.engine.drain(this.#drainTimeoutMs);
  }

  /** Ends: says what did not end in time, and frees what the store has opened. */
  async close(): Promise<void> {
    const running = this.#running;
    this.#servers -= 1;
    if (running === undefined || this.#servers > 0) return;
    this.#running = undefined;
    // What came in while the server drained, within the same time.
    const left = await running.engine.drain(Math.max(0, this.#stopBy - systemClock.now()));
    if (left.executions > 0 || left.writes > 0) {
      this.#events.listener?.({ type: 'unfinished', ...left });
    }
    running.engine.stop();
    await running.store.close();
  }

  #admitMutation(
    request: OperationRequest,
    { fields, documents }: PreparedSchema<TContext>,
  ): MarkedOperation<TContext> | undefined {
    const { schema, document, operation, isBatched } = request;
    const variables = (): Variables | undefined =>
      coerceVariables(schema, operation, request.variables);
    let rootFields = documents.rootFieldsOf(document, operation);
    if (rootFields === null) {
      const coerced = variables();
      if (coerced === undefined) return undefined;
      rootFields = rootFieldsOf({ schema, document, operation }, coerced);
    }
    const marked = countMarked(rootFields, fields);
    if (marked === 0 || this.#running === undefined) return undefined;
    const fieldsMax = this.#options.fieldsMax ?? IDEMPOTENCY_DEFAULTS.fieldsMax;
    if (marked > fieldsMax) throw tooManyFields(fieldsMax);
    refuseDefaultKeys(documents.defaultKeysOf(document, operation), request.variables);
    const key = headerKey(request.headerOf(this.#header));
    if (key !== undefined) refuseAmbiguousHeader(rootFields, fields, variables, isBatched);
    const admitted = new MarkedOperation<TContext>(this.#running.settings, request, {
      fields,
      headerKey: key,
      mapsHttpStatus: this.#mapsHttpStatus && rootFields.size === 1,
      marked,
      rootKeys: failingKeysOf(rootFields),
    });
    attachOperation(request.context, admitted);
    return admitted;
  }

  /** The first answer is whole; a retry will not get it. That must not be found out by a customer. */
  #tellUnkept({ operation, recordId = '' }: FieldRequest, error: unknown, attempt: number): void {
    const reason =
      error instanceof UnfaithfulValueError
        ? error.message
        : `The result could not be read: ${messageOf(error)}`;
    const place = error instanceof UnfaithfulValueError ? error.place : [];
    this.#events.listener?.({ type: 'unavailable', operation, recordId, attempt, reason, place });
    if (this.#options.onEvent !== undefined || this.#warned.has(operation)) return;
    this.#warned.add(operation);
    process.emitWarning(
      `${operation}: ${reason} The client got its answer, but a retry with the same key gets ` +
        'IDEMPOTENCY_RESULT_UNAVAILABLE.',
      { type: 'IdempotencyWarning', code: 'IDEMPOTENCY_RESULT_NOT_KEPT' },
    );
  }
}

interface Running<TContext> {
  readonly settings: ServerSettings<TContext>;
  readonly engine: Engine;
  readonly store: IdempotencyStore;
}
