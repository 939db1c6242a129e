import { decodeValue, encodeValue, type Revival } from '../../src/core/codec.js';
import { fingerprintOf } from '../../src/core/fingerprint.js';
import { recordIdOf } from '../../src/core/record/key.js';
import { IDEMPOTENCY_DEFAULTS } from '../../src/core/options/options.js';
import type { ExecuteRequest, Outcome } from '../../test/support/execute.js';

/** What the benchmark's values need to be revived. */
export const PLAIN_REVIVAL: Revival = {
  createInstance: () => {
    throw new Error('There are no classes in these values.');
  },
  createTyped: () => {
    throw new Error('There are no types in these values.');
  },
};

/**
 * A payment as the engine is asked for it, without GraphQL and HTTP.
 *
 * @param run - has the effect
 */
export function paymentRequest(key: string, run: () => unknown): ExecuteRequest<undefined> {
  const input = { idempotencyKey: key, amount: 1250, currency: 'EUR' };
  const { ttlSeconds, waitMs, leaseMs, onError, onCrash, resultBytesMax } = IDEMPOTENCY_DEFAULTS;
  const [scope, operation] = ['payer_7', 'Mutation.createPayment'];
  return {
    operation,
    scope,
    key,
    recordId: recordIdOf(scope, operation, key),
    fingerprint: fingerprintOf({ input }),
    policy: { ttlMs: ttlSeconds * 1_000, waitMs, leaseMs, onError, onCrash },
    async run(): Promise<Outcome<undefined>> {
      await run();
      const payload = encodeValue({ reference: key, ...input }, { bytesMax: resultBytesMax });
      return { kind: 'outcome', status: 'value', payload, answer: undefined };
    },
    recover: undefined,
    stepCodec: {
      encode: (value, bytesMax) => encodeValue(value, { bytesMax }),
      decode: (payload) => decodeValue(payload, PLAIN_REVIVAL),
    },
  };
}
