import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { SEALED_MARK, type Cipher } from '../../src/core/crypto/cipher.js';
import { sealStore } from '../../src/core/crypto/sealed-store.js';
import {
  aesGcmCipher,
  MemoryStore,
  type BeginRequest,
  type CompleteRequest,
  type IdempotencyStore,
} from '../../src/index.js';
import { RedisStore } from '../../src/stores/redis/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { SERVICE } from '../support/redis-keys.js';
import { newBegin, rivalOf } from '../support/requests.js';
import { runContract } from '../support/run-contract.js';
import { useRedis } from '../support/use-redis.js';

const keys = { one: randomBytes(32) };
const cipher = aesGcmCipher({ keys, current: 'one' });
const refuseToMiss = (): void => {
  throw new Error('It could not be encrypted.');
};
const sealed = (store: IdempotencyStore, by: Cipher = cipher): IdempotencyStore =>
  sealStore(store, by, refuseToMiss);

describe('a sealed store in memory', () => {
  runContract(() => {
    const clock = new ManualClock();
    const store = new MemoryStore({ clock });
    return {
      store: sealed(store),
      other: sealed(store),
      pass: (ms) => clock.advance(ms),
      close: () => store.close(),
    };
  });
});

describe('a sealed store over Redis', () => {
  const redis = useRedis();

  runContract(() => {
    const clients = [0, 1].map(() => new Redis(redis.port, '127.0.0.1')) as [Redis, Redis];
    const stores = clients.map((client) =>
      sealed(new RedisStore(client, { service: SERVICE })),
    ) as [IdempotencyStore, IdempotencyStore];
    return {
      store: stores[0],
      other: stores[1],
      pass: async (ms) => {
        await sleep(ms);
      },
      close: async () => {
        await Promise.all(stores.map((store) => store.close()));
        for (const client of clients) client.disconnect();
      },
    };
  });
});

describe('what a sealed store keeps', () => {
  const payload = Buffer.from('\u0001the answer');
  let clock: ManualClock;
  let plain: MemoryStore;

  beforeEach(() => {
    clock = new ManualClock();
    plain = new MemoryStore({ clock });
  });

  const begin = (parts: Partial<BeginRequest> = {}): BeginRequest =>
    newBegin({ leaseMs: 1_000, retentionMs: 10_000, ...parts });

  async function completion(
    store: IdempotencyStore,
    request: BeginRequest,
  ): Promise<CompleteRequest> {
    const claim = await store.begin(request);
    if (claim.kind !== 'claimed') throw new Error(`It is ${claim.kind}.`);
    const { recordId, fingerprint, owner } = request;
    const { fence, attempt } = claim;
    const ttlMs = 10_000;
    return { recordId, fingerprint, owner, fence, attempt, status: 'value', payload, ttlMs };
  }

  const payloadIn = async (store: IdempotencyStore, request: BeginRequest): Promise<Buffer> => {
    const found = await store.peek(request);
    if (found.kind !== 'completed') throw new Error(`It is ${found.kind}.`);
    return Buffer.from(found.outcome.payload);
  };

  it('is unreadable below it, and the same above it', async () => {
    const request = begin();
    await sealed(plain).complete(await completion(sealed(plain), request));
    const below = await payloadIn(plain, request);
    expect(below[0]).toBe(SEALED_MARK);
    expect(below.includes('answer')).toBe(false);
    expect(await payloadIn(sealed(plain), request)).toEqual(payload);
  });

  it('does not answer for another record, nor as another kind of outcome', async () => {
    const [mine, moved] = [begin(), begin()];
    await sealed(plain).complete(await completion(sealed(plain), mine));
    const stolen = await payloadIn(plain, mine);
    await plain.complete({ ...(await completion(plain, moved)), payload: stolen });
    const unreadable = {
      kind: 'unreadable',
      reason: expect.stringContaining('another record') as string,
    };
    expect(await sealed(plain).begin(rivalOf(moved))).toEqual(unreadable);
    const turned = { ...begin(), recordId: mine.recordId };
    const other = new MemoryStore({ clock });
    await other.complete({
      ...(await completion(other, turned)),
      status: 'error',
      payload: stolen,
    });
    expect(await sealed(other).peek(turned)).toEqual(unreadable);
  });

  it('is not taken from whoever wrote it without encryption, unless that is accepted', async () => {
    const request = begin();
    await plain.complete(await completion(plain, request));
    const reason = expect.stringContaining('without encryption') as string;
    expect(await sealed(plain).peek(request)).toEqual({ kind: 'unreadable', reason });
    const lenient = aesGcmCipher({ keys, current: 'one', acceptPlaintext: true });
    expect(await payloadIn(sealed(plain, lenient), request)).toEqual(payload);
  });

  it('is unreadable, and not absent, for whoever lacks the key', async () => {
    const request = begin();
    await sealed(plain).complete(await completion(sealed(plain), request));
    const stranger = sealed(
      plain,
      aesGcmCipher({ keys: { two: randomBytes(32) }, current: 'two' }),
    );
    const reason = expect.stringContaining('the key "one"') as string;
    expect(await stranger.begin(rivalOf(request))).toEqual({ kind: 'unreadable', reason });
  });

  it('is unreadable when the cipher gives something else than bytes', async () => {
    const odd: Cipher = { encrypt: (text) => text, decrypt: () => 'text' as never };
    const request = begin();
    await sealed(plain, odd).complete(await completion(sealed(plain, odd), request));
    expect(await sealed(plain, odd).peek(request)).toEqual({
      kind: 'unreadable',
      reason: 'The cipher decrypted to something that is not bytes.',
    });
  });

  it('tells a loser that it lost, whether or not it can read what won', async () => {
    const request = begin({ onLapse: 'rerun' });
    const late = await completion(sealed(plain), request);
    await clock.advance(1_001);
    await sealed(plain).complete(await completion(sealed(plain), rivalOf(request)));
    expect(await sealed(plain).complete(late)).toMatchObject({
      kind: 'superseded',
      outcome: { attempt: 2, payload },
    });
    const stranger = sealed(
      plain,
      aesGcmCipher({ keys: { two: randomBytes(32) }, current: 'two' }),
    );
    expect(await stranger.complete(late)).toEqual({ kind: 'superseded', outcome: undefined });
  });

  it('counts a step as run when its value cannot be read', async () => {
    const request = begin({ onLapse: 'rerun' });
    const store = sealed(plain);
    await store.begin(request);
    const { recordId, owner, leaseMs } = request;
    const step = { recordId, owner, leaseMs, timeoutMs: 1_000, name: 'charge' };
    await store.step({ ...step, state: 'value', payload });
    await clock.advance(1_001);
    const stranger = sealed(
      plain,
      aesGcmCipher({ keys: { two: randomBytes(32) }, current: 'two' }),
    );
    const taken = await stranger.begin(rivalOf(request));
    expect(taken.kind === 'claimed' && taken.steps.get('charge')?.state).toBe('unavailable');
  });

  it('is unavailable when it cannot be encrypted, and somebody is told', async () => {
    const broken: Cipher = {
      encrypt: () => Promise.reject(new Error('no key service')),
      decrypt: () => Promise.reject(new Error('no key service')),
    };
    const missed: unknown[] = [];
    const store = sealStore(plain, broken, ({ recordId }, error) => missed.push(recordId, error));
    const request = begin();
    const stored = await store.complete(await completion(store, request));
    expect(stored.kind).toBe('stored');
    expect(missed).toEqual([request.recordId, new Error('no key service')]);
    expect(await store.peek(request)).toMatchObject({
      kind: 'completed',
      outcome: { status: 'unavailable', payload: new Uint8Array() },
    });
  });
});
