import { decodeValue, encodeValue } from '../../src/core/codec.js';
import { fingerprintOf } from '../../src/core/fingerprint.js';
import { IDEMPOTENCY_DEFAULTS } from '../../src/core/options/options.js';
import { STATEMENT_LINES } from '../load/statements.js';
import type { CodecResult } from '../results.js';
import { state } from '../server/ledger.js';
import { spreadOf } from '../statistics.js';
import { PLAIN_REVIVAL } from './payment-request.js';

/** About 1 KB, 50 KB and 1 MB as JSON: larger arguments have no fingerprint. */
const LINES = [STATEMENT_LINES.small, STATEMENT_LINES.medium, 11_500] as const;

/** How much is measured: so many blocks of at least so many milliseconds, after a warm-up. */
export interface CodecPlan {
  readonly blocks: number;
  readonly blockMs: number;
}

/**
 * Measures what is computed for values of different sizes, in this process.
 *
 * @throws Error when a value does not come back as it was
 */
export function measureCodec(plan: CodecPlan, say: (line: string) => void): Promise<CodecResult[]> {
  const results = LINES.map((lines) => {
    say(`codec, ${String(lines)} lines`);
    return measureValue(state({ idempotencyKey: 'order-0000001-000000001', lines }), plan);
  });
  return Promise.resolve(results);
}

function measureValue(value: unknown, plan: CodecPlan): CodecResult {
  const bytesMax = IDEMPOTENCY_DEFAULTS.resultBytesMax;
  const json = JSON.stringify(value);
  const payload = encodeValue(value, { bytesMax });
  if (JSON.stringify(decodeValue(payload, PLAIN_REVIVAL)) !== json) {
    throw new Error('The value came back as another one.');
  }
  const cost = (act: () => unknown): number => costOf(act, plan);
  return {
    jsonBytes: Buffer.byteLength(json),
    encodedBytes: payload.length,
    encodeUs: cost(() => encodeValue(value, { bytesMax })),
    decodeUs: cost(() => decodeValue(payload, PLAIN_REVIVAL)),
    fingerprintUs: cost(() => fingerprintOf(value)),
    jsonStringifyUs: cost(() => JSON.stringify(value)),
    jsonParseUs: cost(() => JSON.parse(json) as unknown),
  };
}

/** CPU of this process for one call, in microseconds: the median of the blocks. */
function costOf(act: () => unknown, { blocks, blockMs }: CodecPlan): number {
  blockOf(act, 2 * blockMs);
  return spreadOf(Array.from({ length: blocks }, () => blockOf(act, blockMs))).median;
}

function blockOf(act: () => unknown, blockMs: number): number {
  const before = process.cpuUsage();
  const endAt = performance.now() + blockMs;
  // Looking at the clock is to cost nothing beside a short call.
  let calls = 0;
  let atOnce = 1;
  while (performance.now() < endAt) {
    for (let left = atOnce; left > 0; left -= 1) act();
    calls += atOnce;
    if (atOnce < 16) atOnce *= 2;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}
