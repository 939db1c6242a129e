import type { Clock } from '../../core/async/clock.js';
import type {
  ChangeReply,
  ForgetRequest,
  Inspection,
  RecordAdmin,
  SettleRequest,
} from '../../core/record/record-admin.js';
import type {
  BeginReply,
  BeginRequest,
  CompleteReply,
  CompleteRequest,
  IdempotencyStore,
  PeekReply,
  PeekRequest,
  ReleaseReply,
  ReleaseRequest,
  RenewReply,
  RenewRequest,
  StepReply,
  StepRequest,
  StoreCheck,
} from '../../core/record/store.js';
import { createBatches, type Batches } from './batches.js';
import { createCompletionSubscriber, type CompletionSubscriber } from './completion-subscriber.js';
import { openRedisRecordAdmin } from './admin/redis-record-admin.js';
import {
  writtenClaim,
  writtenOutcome,
  writtenStep,
  type Written,
} from './replication/prove-script.js';
import { createReplication, type Replication } from './replication/replication.js';
import { driverOf, type RedisLike } from './clients/driver-of.js';
import type { RedisDriver } from './clients/redis-driver.js';
import {
  channelOf,
  redisStoreProblems,
  redisStoreSettings,
  type RedisStoreOptions,
  type RedisStoreSettings,
} from './redis-store-options.js';
import { checkDigests, checkDurations } from './request-checks.js';
import { beginScript } from './scripts/begin-script.js';
import { completeScript } from './scripts/complete-script.js';
import type { Script } from './scripts/define-script.js';
import { releaseScript, renewScript } from './scripts/lease-scripts.js';
import { peekScript } from './scripts/peek-script.js';
import { stepScript } from './scripts/step-script.js';
import { createServerTime, type ServerTime } from './server-time.js';
import { FirstContact } from './setup-check/first-contact.js';
import { permissionProblem, permissionScript } from './setup-check/permission-script.js';
import { checkSetup } from './setup-check/start-up-check.js';

/** The errors of a Redis that refuses writes but may still answer reads. */
const WRITES_REFUSED = /^(OOM|NOREPLICAS|READONLY|MISCONF)\b/;

/**
 * Keeps records in Redis or Valkey, version 7 or later: standalone, Sentinel or Cluster.
 *
 * Each record is one key, every transition is one script, and only Redis's clock decides about leases.
 * The store neither changes nor closes the client. It has no timeouts, because the engine limits every
 * call; a client with a finite `maxRetriesPerRequest` frees memory sooner.
 */
export class RedisStore implements IdempotencyStore, RecordAdmin {
  readonly name = 'redis';
  readonly #client: RedisDriver;
  readonly #settings: RedisStoreSettings;
  readonly #clock: Clock;
  readonly #prefix: string;
  readonly #channel: string;
  readonly #batches: Batches;
  readonly #time: ServerTime;
  readonly #completions: CompletionSubscriber;
  readonly #replication: Replication | undefined;
  readonly #contact: FirstContact;
  readonly #admin: RecordAdmin;

  /** @throws Error naming every problem with the client and the options */
  constructor(redis: RedisLike, options: RedisStoreOptions) {
    const problems = redisStoreProblems(redis, options);
    if (problems.length > 0) throw new Error(`RedisStore: ${problems.join(' ')}`);
    this.#settings = redisStoreSettings(options);
    const { prefix, replicas, replicasTimeoutMs: timeoutMs, clock } = this.#settings;
    const client = driverOf(redis);
    this.#client = client;
    this.#clock = clock;
    this.#prefix = prefix;
    this.#channel = channelOf(prefix);
    this.#batches = createBatches(client);
    this.#time = createServerTime(clock);
    this.#completions = createCompletionSubscriber(client, this.#channel);
    this.#admin = openRedisRecordAdmin(client, prefix);
    const rights = { channel: this.#channel, waitsForReplicas: replicas !== undefined };
    this.#contact = new FirstContact(
      async (recordId) => {
        await client.selectDatabase();
        return this.#run(permissionScript, recordId, rights);
      },
      (denied) => permissionProblem(denied, prefix, this.#channel),
    );
    if (replicas !== undefined) {
      this.#replication = createReplication(client, { replicas, timeoutMs, clock });
    }
  }

  async begin(request: BeginRequest): Promise<BeginReply> {
    checkDigests(request);
    checkDurations(request.leaseMs, request.retentionMs);
    const { recordId } = request;
    try {
      const found = await this.#before(request, (deadlineMs) =>
        this.#run(beginScript, recordId, { ...request, deadlineMs }),
      );
      return await this.#confirmed(found, recordId, writtenIn);
    } catch (refusal) {
      if (!(refusal instanceof Error) || !WRITES_REFUSED.test(refusal.message)) throw refusal;
      // A stored outcome can be replayed even if nothing new may start.
      const found = await this.peek(request).catch(() => undefined);
      if (found === undefined) throw refusal;
      if (found.kind === 'completed' || found.kind === 'mismatch') return found;
      if (found.kind === 'unreadable') return found;
      throw refusal;
    }
  }

  async peek(request: PeekRequest): Promise<PeekReply> {
    const { recordId } = request;
    const found = await this.#run(peekScript, recordId, request);
    return this.#confirmed(found, recordId, writtenIn);
  }

  async complete(request: CompleteRequest): Promise<CompleteReply> {
    checkDigests(request);
    checkDurations(request.ttlMs);
    const { recordId } = request;
    const told = { ...request, channel: this.#channel };
    const found = await this.#run(completeScript, recordId, told);
    return this.#confirmed(found, recordId, (reply) =>
      reply.kind === 'stored' ? writtenOutcome(request) : writtenIn(reply),
    );
  }

  async renew(request: RenewRequest): Promise<RenewReply> {
    checkDurations(request.leaseMs, request.retentionMs);
    return this.#run(renewScript, request.recordId, request);
  }

  async step(request: StepRequest): Promise<StepReply> {
    checkDurations(request.leaseMs);
    const { recordId } = request;
    const found = await this.#before(request, (deadlineMs) =>
      this.#run(stepScript, recordId, { ...request, deadlineMs }),
    );
    if (found.kind === 'lost') return 'lost';
    return this.#confirmed('recorded', recordId, () => writtenStep(request, found.end));
  }

  release(request: ReleaseRequest): Promise<ReleaseReply> {
    return this.#run(releaseScript, request.recordId, { ...request, channel: this.#channel });
  }

  inspect(recordId: string): Promise<Inspection> {
    return this.#admin.inspect(recordId);
  }

  settle(request: SettleRequest): Promise<ChangeReply> {
    return this.#admin.settle(request);
  }

  forget(request: ForgetRequest): Promise<ChangeReply> {
    return this.#admin.forget(request);
  }

  watch(recordId: string, onChange: () => void): Promise<() => void> {
    return this.#completions.watch(recordId, onChange);
  }

  async ping(): Promise<void> {
    const reply = await this.#client.send('time', []);
    const [seconds, micros] = Array.isArray(reply) ? reply.map((part) => Number(String(part))) : [];
    const serverNowMs = (seconds ?? NaN) * 1000 + Math.floor((micros ?? NaN) / 1000);
    if (Number.isNaN(serverNowMs)) throw new Error('Redis gave an unexpected reply to TIME.');
    this.#time.see(serverNowMs);
  }

  check(timeoutMs: number): Promise<StoreCheck> {
    return checkSetup({ client: this.#client, store: this, ...this.#settings, timeoutMs });
  }

  close(): Promise<void> {
    this.#completions.close();
    this.#replication?.close();
    return Promise.resolve();
  }

  /** The reply, once replicas have the write that it reports. */
  #confirmed<T>(
    reply: T,
    recordId: string,
    writtenBy: (reply: T) => Written | undefined,
  ): T | Promise<T> {
    if (this.#replication === undefined) return reply;
    const written = writtenBy(reply);
    if (written === undefined) return reply;
    return this.#replication.confirm(this.#prefix + recordId, written).then(() => reply);
  }

  /** Sends a request that must take effect within `timeoutMs` or not at all; no reply means too late. */
  async #before<T>(
    { recordId, timeoutMs }: BeginRequest | StepRequest,
    ask: (deadlineMs: number) => Promise<T | undefined>,
  ): Promise<T> {
    const giveUpAt = this.#clock.now() + timeoutMs;
    if (!this.#contact.made) await this.#contact.make(recordId);
    for (let sendsLeft = 2; sendsLeft > 0 && this.#clock.now() < giveUpAt; sendsLeft -= 1) {
      const reply = await ask(this.#time.at(giveUpAt));
      if (reply !== undefined) return reply;
      // Either the time is over, or Redis's clock was ahead of the estimate, which is now corrected.
    }
    throw new Error('The command reached Redis after its deadline and did not count.');
  }

  async #run<Request, Reply>(
    script: Script<Request, Reply>,
    recordId: string,
    request: Request,
  ): Promise<Reply> {
    try {
      const reply = await this.#batches.run(script, this.#prefix + recordId, request);
      this.#time.see(reply.nowMs);
      return script.parse(reply, request);
    } catch (error) {
      this.#contact.see(error);
      throw error;
    }
  }
}

/** The claim that a reply grants, or the outcome that it reports. */
function writtenIn(found: PeekReply | BeginReply | CompleteReply): Written | undefined {
  if (found.kind === 'claimed') return writtenClaim(found.fence);
  const outcome = 'outcome' in found ? found.outcome : undefined;
  return outcome && writtenOutcome(outcome);
}
