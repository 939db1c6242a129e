import type { AttemptInfo } from '../../../src/core/engine/request.js';
import { recordIdOf } from '../../../src/core/record/key.js';
import { messageOf } from '../../../src/core/values/message-of.js';
import { IdempotencyError } from '../../../src/index.js';
import type { LookUpLine, RequestLine, Result } from './ledger.js';
import { LEASE_MS, type KeyPlan } from './plan.js';
import type { Process } from './process.js';
import { outcomeOf, Resolver } from './resolver.js';
import type { Simulation } from './simulation.js';
import type { Answer, ExecuteRequest, Outcome } from '../../support/execute.js';

/** Longer than any history: the store keeps every record. */
const TTL_MS = 3_600_000;
const SCOPE = 'alice';
/** Two digests of arguments. */
export const FINGERPRINTS = ['f', 'g'].map((letter) => letter.repeat(43));

/** One for each key, so that events tell which they are about. */
export const OPERATIONS = ['Mutation.pay', 'Mutation.refund'];

const RECORDS = OPERATIONS.map((operation) => recordIdOf(SCOPE, operation, 'key'));

/** Which key a record belongs to. */
export function keyOfRecord(recordId: string): number {
  return RECORDS.indexOf(recordId);
}

/** The request as its process's engine gets it; what happens in it is written into the ledger. */
export function requestOf(
  line: RequestLine,
  keyPlan: KeyPlan,
  process: Process,
  simulation: Simulation,
): ExecuteRequest<string> {
  const { key, fingerprint } = line.plan;
  const { recover, waitMs, onError, onCrash } = keyPlan;
  const resolver = new Resolver(line, keyPlan, process, simulation);
  const operation = OPERATIONS[key] ?? '';
  return {
    operation,
    scope: SCOPE,
    key: 'key',
    recordId: recordIdOf(SCOPE, operation, 'key'),
    fingerprint: FINGERPRINTS[fingerprint] ?? '',
    policy: { ttlMs: TTL_MS, waitMs, leaseMs: LEASE_MS, onError, onCrash },
    run: (execution) => resolver.run(execution),
    recover: recover && ((attempt) => lookUp(attempt, line, keyPlan, process, simulation)),
    stepCodec: {
      encode: (value) => Buffer.from(String(value)),
      decode: (payload) => Buffer.from(payload).toString(),
    },
  };
}

/** The `recover` function: what the provider knows, unless it is planned to fail. */
async function lookUp(
  { fence, downstreamKey }: AttemptInfo,
  request: RequestLine,
  keyPlan: KeyPlan,
  process: Process,
  { ledger, clock, provider, healed }: Simulation,
): Promise<Outcome<string> | 'RERUN' | 'UNKNOWN'> {
  const { key, fingerprint } = request.plan;
  const startedAtMs = clock.now();
  const before = ledger.lookUps.filter((lookUp) => lookUp.request.plan.key === key);
  const line: LookUpLine = { ...ledger.moment(), request, fence, reply: 'unknown', tookMs: 0 };
  ledger.lookUps.push(line);
  await process.takeTime('recover');
  line.tookMs = clock.now() - startedAtMs;
  const planned = healed ? 'found' : (keyPlan.recover?.[before.length] ?? 'found');
  if (planned === 'throws') throw new Error('recover');
  if (planned === 'unknown') return 'UNKNOWN';
  const text = provider.find(downstreamKey('charge'), fingerprint);
  line.reply = text === undefined ? 'rerun' : 'outcome';
  return text === undefined ? 'RERUN' : outcomeOf(text, keyPlan);
}

/** How a request was answered, in the ledger's words. */
export async function resultOf(answered: Promise<Answer<string>>): Promise<Result> {
  try {
    const answer = await answered;
    if (answer.kind === 'replayed') {
      const text = Buffer.from(answer.outcome.payload).toString();
      return { kind: 'answer', text, from: 'replay', stored: true };
    }
    const { answer: text, recovered, stored } = answer;
    return { kind: 'answer', text, from: recovered ? 'recover' : 'run', stored };
  } catch (error) {
    if (IdempotencyError.is(error)) return { kind: 'refused', code: error.code };
    return { kind: 'failure', message: messageOf(error) };
  }
}
