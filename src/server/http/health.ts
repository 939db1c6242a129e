import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestHandler } from 'express';
import type { IdempotencyStore } from '../../index.js';

const PING_MS_MAX = 1_000;

/** Answers 200 when the store answers, else 503. */
export function health(store: IdempotencyStore): RequestHandler {
  return async (_request, response) => {
    try {
      await pingInTime(store);
      response.json({ status: 'ok', store: store.name });
    } catch {
      response.status(503).json({ status: 'unavailable', store: store.name });
    }
  };
}

async function pingInTime(store: IdempotencyStore): Promise<void> {
  const timer = new AbortController();
  const late = sleep(PING_MS_MAX, undefined, { signal: timer.signal, ref: false }).then(() => {
    throw new Error('The store did not answer in time.');
  });
  late.catch(() => undefined);
  try {
    await Promise.race([store.ping(), late]);
  } finally {
    timer.abort();
  }
}
