import { deepStrictEqual, notStrictEqual, ok, strictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import type { BeginRequest } from '../../src/index.js';
import { RedisStore } from '../../src/stores/redis/index.js';
import { fuzzing } from '../support/fuzz.js';
import { PREFIX, SERVICE } from '../support/redis-keys.js';
import { completionOf, newBegin } from '../support/requests.js';
import { useRedis } from '../support/use-redis.js';
import { contents, FINGERPRINTS, OWNERS } from './record-contents.js';
import {
  beginKind,
  completeKind,
  peekKind,
  readContent,
  releaseReply,
  renewReply,
  stepReply,
  type Content,
  type Reading,
} from './record-model.js';

const { timeoutMs, ...parameters } = fuzzing(700);

const requests = fc
  .record({
    fingerprint: fc.constantFrom(...FINGERPRINTS),
    owner: fc.constantFrom(...OWNERS),
    onLapse: fc.constantFrom('reject', 'rerun', 'recover'),
    waits: fc.boolean(),
  })
  .map((parts) => newBegin({ recordId: 'r'.repeat(32), ...parts }));

describe('what Redis holds under a record’s key, fuzzed', () => {
  const { client } = useRedis();
  let store: RedisStore;

  beforeAll(async () => {
    store = new RedisStore(client, { service: SERVICE });
    await store.ping();
  });
  afterAll(() => store.close());

  const key = `${PREFIX}${'r'.repeat(32)}`;
  const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

  /** Puts it there, and says what Redis would write to disk. */
  async function put(content: Content): Promise<Buffer | null> {
    const pipeline = client.pipeline().del(key);
    if (content.kind === 'string') pipeline.set(key, bytes(content.text));
    else if (content.kind === 'list') pipeline.rpush(key, bytes(content.item));
    else if (content.kind === 'set') pipeline.sadd(key, bytes(content.item));
    else if (content.kind === 'zset') pipeline.zadd(key, 1, bytes(content.item));
    else if (content.kind === 'stream') pipeline.xadd(key, '*', 'a', bytes(content.item));
    else if (content.kind === 'hash') pipeline.hset(key, 'a', bytes(content.item));
    await pipeline.exec();
    return client.dumpBuffer(key);
  }

  /** What is there now, if it is of a kind that records are. */
  async function found(): Promise<Content> {
    const kind = await client.type(key);
    if (kind === 'string') {
      return { kind, text: (await client.getBuffer(key))?.toString('latin1') ?? '' };
    }
    return { kind: 'none' };
  }

  /** Holds one question about a record to the model; `ask` gives the kind of its reply. */
  function check(
    ask: (request: BeginRequest, reading: Reading) => Promise<{ is: string; must: string }>,
    changes: (kind: string) => boolean,
  ): Promise<void> {
    return fc.assert(
      fc.asyncProperty(contents, requests, async (content, request) => {
        const before = await put(content);
        const reading = readContent(content);
        const { is, must } = await ask(request, reading);
        strictEqual(is, must);
        if (reading.state === 'unreadable' || !changes(is)) {
          deepStrictEqual(await client.dumpBuffer(key), before);
        } else {
          // Whatever is left can be read again.
          notStrictEqual(readContent(await found()).state, 'unreadable');
        }
      }),
      parameters,
    );
  }

  it(
    'is claimed only where it may be, and never over what cannot be read',
    () =>
      check(
        async (request, reading) => {
          const must = beginKind(reading, request, Date.now());
          const reply = await store.begin(request);
          if (reply.kind === 'claimed') {
            // Sent again, it is the same claim.
            deepStrictEqual(await store.begin(request), reply);
            if (reading.state === 'in progress') {
              const tookOver = reply.attempt > reading.attempt;
              ok(tookOver ? reply.fence > reading.fence : reply.fence === reading.fence);
            }
          }
          return { is: reply.kind, must };
        },
        (kind) => kind === 'claimed' || kind === 'running',
      ),
    timeoutMs,
  );

  it(
    'is not changed by a look',
    () =>
      check(
        async (request, reading) => {
          const reply = await store.peek(request);
          if (reply.kind === 'completed' && reading.state === 'completed') {
            const { payload, fence, attempt } = reply.outcome;
            deepStrictEqual(
              [Buffer.from(payload).toString('latin1'), fence, attempt],
              [reading.payload, reading.fence, reading.attempt],
            );
          }
          return { is: reply.kind, must: peekKind(reading, request.fingerprint, Date.now()) };
        },
        () => false,
      ),
    timeoutMs,
  );

  it(
    'is completed only by its owner',
    () =>
      check(
        async (request, reading) => {
          const claim = { kind: 'claimed', fence: 7, attempt: 1, previous: 'none' } as const;
          const end = completionOf(request, { ...claim, steps: new Map() });
          const { kind } = await store.complete(end);
          return { is: kind, must: completeKind(reading, end) };
        },
        (kind) => kind === 'stored',
      ),
    timeoutMs,
  );

  it(
    'is prolonged only for its owner',
    () =>
      check(
        async (request, reading) => {
          const is = await store.renew(request);
          return { is, must: renewReply(reading, request.owner) };
        },
        (kind) => kind === 'renewed',
      ),
    timeoutMs,
  );

  it(
    'takes steps only of its owner, and tells of them whatever is in them',
    () =>
      check(
        async (request, reading) => {
          const { recordId, owner, leaseMs, timeoutMs } = request;
          const payload = new Uint8Array([1]);
          const step = { recordId, owner, leaseMs, timeoutMs, name: 'a', payload };
          const is = await store.step({ ...step, state: 'value' });
          return { is, must: stepReply(reading, owner) };
        },
        (kind) => kind === 'recorded',
      ),
    timeoutMs,
  );

  it.each(['erase', 'keep', 'withdraw'] as const)(
    'is given up (%s) only by its owner',
    (mode) =>
      check(
        async (request, reading) => {
          const is = await store.release({ ...request, mode });
          return { is, must: releaseReply(reading, request.owner) };
        },
        (kind) => kind === 'released',
      ),
    timeoutMs,
  );
});
