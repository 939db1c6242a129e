import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { Engine } from '../../../src/core/engine/engine.js';
import { createEvents } from '../../../src/core/events.js';
import { RedisStore } from '../../../src/stores/redis/index.js';
import { nextRelease, release } from '../../server/held.js';
import { paymentRequest } from '../payment-request.js';
import type { EngineConfig, EngineRequest } from './engine-party.js';
import { monotonicMs, type Answered } from './party.js';
import { SERVICE } from '../../service.js';
import { execute } from '../../../test/support/execute.js';

/** A process with an engine over Redis. */
async function main({ redisPort, holds }: EngineConfig): Promise<void> {
  const redis = new Redis(redisPort, '127.0.0.1');
  await once(redis, 'ready');
  const engine = new Engine({
    store: new RedisStore(redis, { service: SERVICE }),
    storeTimeoutMs: 1_000,
    events: createEvents(),
    randomBytes,
  });
  let effects = 0;
  const run = async (): Promise<void> => {
    if (holds) await nextRelease();
    effects += 1;
  };

  async function pay(key: string): Promise<Answered> {
    const { outcome } = await execute(engine, paymentRequest(key, run));
    const atMs = monotonicMs();
    return { key, atMs, text: Buffer.from(outcome.payload).toString('base64') };
  }

  async function answer(request: EngineRequest): Promise<void> {
    if (request === 'release') release();
    else if (request === 'effects') process.send?.(effects);
    else process.send?.(await Promise.all(request.keys.map(pay)));
  }

  // Whoever started it is gone.
  process.on('disconnect', () => process.exit());
  process.on('message', (request: EngineRequest) => {
    answer(request).catch(fail);
  });
  process.send?.('ready');
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

main(JSON.parse(process.argv[2] ?? '') as EngineConfig).catch(fail);
