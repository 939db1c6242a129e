import type { GraphQLResolveInfo, OperationDefinitionNode } from 'graphql';
import type { Engine } from '../core/engine/engine.js';
import { IdempotencyError } from '../core/errors.js';
import type { Events } from '../core/events.js';
import type { Telemetry } from '../core/telemetry.js';
import type { FieldRequest } from './field-events.js';
import type { FieldReport } from './field-report.js';
import { MarkedCall } from './marked-call.js';
import type { PreparedField } from './prepared-schema.js';
import type { RecordSettings } from './record-request.js';
import type { DoorCall, OperationRuntime } from './registry.js';
import type { ExecutedOperation } from './result/operation-result.js';

/** What all operations of a server share. */
export interface ServerSettings<TContext> extends RecordSettings<TContext> {
  /** The page that explains the error codes. */
  readonly documentationUrl: string | undefined;
  readonly engine: Engine;
  readonly events: Events;
  readonly telemetry: Telemetry | undefined;
  /** Tells why an outcome cannot be kept. */
  readonly tellUnkept: (asked: FieldRequest, error: unknown, attempt: number) => void;
}

/** What one operation runs with. */
export interface OperationSettings<TContext> {
  readonly server: ServerSettings<TContext>;
  readonly fields: ReadonlyMap<string, PreparedField<TContext>>;
  /** The operation, as the executor will know it. */
  readonly node: OperationDefinitionNode;
  /** Variables as they were sent. */
  readonly rawVariables: Readonly<Record<string, unknown>> | undefined;
  /** The key from the header. */
  readonly headerKey: string | undefined;
  /** Whether a refusal may set the response's HTTP status. */
  readonly mapsHttpStatus: boolean;
  /** How many marked fields it selects. */
  readonly marked: number;
  /** Whether {@link MarkedOperation.finish} will be called with the result of the execution. */
  readonly capturesResponses: boolean;
}

const FINISHED = Promise.resolve();

/** Answers the marked fields of one operation. */
export class MarkedOperation<TContext> implements OperationRuntime {
  readonly server: ServerSettings<TContext>;
  readonly node: OperationDefinitionNode;
  readonly rawVariables: Readonly<Record<string, unknown>> | undefined;
  readonly headerKey: string | undefined;
  readonly mapsHttpStatus: boolean;
  readonly marked: number;
  readonly capturesResponses: boolean;
  /** What became of each field, by response key. */
  readonly reports = new Map<string, FieldReport>();
  readonly #fields: ReadonlyMap<string, PreparedField<TContext>>;
  /** By path: middleware may copy everything else that a resolver is called with. */
  readonly #calls = new Map<GraphQLResolveInfo['path'], MarkedCall<TContext>>();

  constructor(settings: OperationSettings<TContext>) {
    this.server = settings.server;
    this.node = settings.node;
    this.rawVariables = settings.rawVariables;
    this.headerKey = settings.headerKey;
    this.mapsHttpStatus = settings.mapsHttpStatus;
    this.marked = settings.marked;
    this.capturesResponses = settings.capturesResponses;
    this.#fields = settings.fields;
  }

  /** Whether all of its marked fields were answered from their records. */
  get isReplayed(): boolean {
    const replayed = [...this.reports.values()].filter(({ status }) => status === 'replayed');
    return replayed.length > 0 && replayed.length === this.marked;
  }

  around(info: GraphQLResolveInfo, call: () => unknown): Promise<unknown> {
    // Around it already: two servers have wrapped one schema.
    if (this.#calls.has(info.path)) return Promise.resolve(call());
    return this.#open(info).around(call);
  }

  enter(door: object, call: DoorCall): Promise<unknown> {
    const known = this.#calls.get(call.info.path);
    return known === undefined ? this.#open(call.info).direct(door, call) : known.enter(door, call);
  }

  /**
   * Refuses a record whose outcome waits for the end of this very operation: who waited for it would
   * wait for itself.
   *
   * @throws IdempotencyError `IDEMPOTENCY_KEY_AMBIGUOUS`
   */
  refuseOpen(recordId: string): void {
    for (const call of this.#calls.values()) {
      if (call.openRecordId !== recordId) continue;
      throw new IdempotencyError(
        'IDEMPOTENCY_KEY_AMBIGUOUS',
        'Another field of this document has the same idempotency key, and its answer is not complete ' +
          'before the document is. Give each mutation a key of its own, or send them one after the other.',
      );
    }
  }

  /**
   * Keeps and puts in what belongs to the marked fields, once the execution has ended.
   *
   * @param executedBy - what it came to, for those fields that have to know
   */
  finish(executedBy: () => ExecutedOperation | undefined): Promise<void> {
    for (const call of this.#calls.values()) {
      if (call.awaitsEnd) return this.#finish(executedBy());
    }
    return FINISHED;
  }

  async #finish(executed: ExecutedOperation | undefined): Promise<void> {
    const calls = [...this.#calls.values()];
    // All of them look at the result before any of them changes it.
    for (const call of calls) call.executed(executed);
    await Promise.all(calls.map((call) => call.finish(executed)));
  }

  #open(info: GraphQLResolveInfo): MarkedCall<TContext> {
    const field = this.#fields.get(info.fieldName);
    if (field === undefined) {
      const operation = `${info.parentType.name}.${info.fieldName}`;
      throw new Error(`${operation} was not prepared for idempotency.`);
    }
    const call = new MarkedCall(this, field, info);
    this.#calls.set(info.path, call);
    return call;
  }
}
