import type { GraphQLResolveInfo } from 'graphql';
import type { Engine } from '../../core/engine/engine.js';
import { IdempotencyError } from '../../core/errors.js';
import type { Events } from '../../core/events.js';
import type { Telemetry } from '../../core/telemetry.js';
import type { FieldRequest } from './field-events.js';
import type { FieldReport } from './field-report.js';
import { MarkedCall } from './marked-call.js';
import type { PreparedField } from '../schema/prepared-schema.js';
import type { OperationRequest } from '../request/operation-request.js';
import type { RecordSettings } from '../request/record-request.js';
import type { DoorCall, OperationRuntime } from '../schema/registry.js';
import type { ExecutedOperation, RootKeys } from '../result/operation-result.js';

/** The settings that all operations of a server share. */
export interface ServerSettings<TContext> extends RecordSettings<TContext> {
  /** The page that explains the error codes. */
  readonly documentationUrl: string | undefined;
  readonly engine: Engine;
  readonly events: Events;
  readonly telemetry: Telemetry | undefined;
  /** Tells why an outcome cannot be kept. */
  readonly tellUnkept: (asked: FieldRequest, error: unknown, attempt: number) => void;
}

/** The settings of one operation. */
export interface OperationSettings<TContext> {
  readonly fields: ReadonlyMap<string, PreparedField<TContext>>;
  /** The key from the header. */
  readonly headerKey: string | undefined;
  /** Whether a refusal may set the response's HTTP status. */
  readonly mapsHttpStatus: boolean;
  /** The number of marked fields that it selects. */
  readonly marked: number;
  readonly rootKeys: RootKeys;
}

const FINISHED = Promise.resolve();

/** Answers the marked fields of one operation. */
export class MarkedOperation<TContext> implements OperationRuntime {
  readonly server: ServerSettings<TContext>;
  readonly request: OperationRequest;
  readonly settings: OperationSettings<TContext>;
  /** By path: middleware may copy everything else that a resolver is called with. */
  readonly #calls: MarkedCall<TContext>[] = [];
  #hasEnded = false;

  constructor(
    server: ServerSettings<TContext>,
    request: OperationRequest,
    settings: OperationSettings<TContext>,
  ) {
    this.server = server;
    this.request = request;
    this.settings = settings;
  }

  /** Whether its execution has ended; one that was cancelled does not wait for its fields. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether all of its marked fields were answered from their records. */
  get isReplayed(): boolean {
    let replayed = 0;
    for (const { report } of this.#calls) if (report?.status === 'replayed') replayed += 1;
    return replayed === this.settings.marked;
  }

  /** The reports about its fields by response key, for `extensions.idempotency`; `undefined` if none. */
  get reports(): Readonly<Record<string, FieldReport>> | undefined {
    const [first, second] = this.#calls;
    // The usual operation has one: an object of that shape is created faster than any other.
    if (second === undefined) {
      return first?.report === undefined ? undefined : { [first.responseKey]: first.report };
    }
    const reports = new Map<string, FieldReport>();
    for (const { responseKey, report } of this.#calls) {
      // A later call of the same key was made inside of the first one, by its resolver.
      if (report !== undefined && !reports.has(responseKey)) reports.set(responseKey, report);
    }
    return reports.size === 0 ? undefined : Object.fromEntries(reports);
  }

  around(info: GraphQLResolveInfo, call: () => unknown): Promise<unknown> {
    // Around it already: two servers have wrapped one schema.
    if (this.#callAt(info) !== undefined) return Promise.resolve(call());
    return this.#open(info).around(call);
  }

  enter(door: object, call: DoorCall): Promise<unknown> {
    const known = this.#callAt(call.info);
    return known === undefined ? this.#open(call.info).direct(door, call) : known.enter(door, call);
  }

  /**
   * Refuses a record whose outcome waits for the end of this very operation: who waited for it would
   * wait for itself.
   *
   * @throws IdempotencyError `IDEMPOTENCY_KEY_AMBIGUOUS`
   */
  refuseOpen(recordId: string): void {
    for (const call of this.#calls) {
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
    this.#hasEnded = true;
    for (const call of this.#calls) {
      if (call.awaitsEnd) return this.#finish(executedBy());
    }
    return FINISHED;
  }

  async #finish(executed: ExecutedOperation | undefined): Promise<void> {
    // All of them look at the result before any of them changes it.
    for (const call of this.#calls) call.executed(executed);
    await Promise.all(this.#calls.map((call) => call.finish(executed)));
  }

  #callAt({ path }: GraphQLResolveInfo): MarkedCall<TContext> | undefined {
    return this.#calls.find((call) => call.info.path === path);
  }

  #open(info: GraphQLResolveInfo): MarkedCall<TContext> {
    const field = this.settings.fields.get(info.fieldName);
    if (field === undefined) {
      const operation = `${info.parentType.name}.${info.fieldName}`;
      throw new Error(`${operation} was not prepared for idempotency.`);
    }
    const call = new MarkedCall(this, field, info);
    this.#calls.push(call);
    return call;
  }
}
