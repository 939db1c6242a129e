import {
  type LapsePolicy,
  type OutcomeStatus,
  type RecordedStep,
  type StepState,
} from '../record/record.js';
import type { AttemptState, OutcomeState, RecordState } from '../record/record-state.js';

/** The first byte of every record; another layout gets another number. */
const LAYOUT = 1;
const HEAD_BYTES = 5;

/**
 * A record as its row keeps it: the layout, the length of what follows in JSON, that, and the payload
 * of an outcome as it is.
 */
export function recordBytes(state: RecordState): Buffer {
  const { json, payload } = partsOf(state);
  const text = Buffer.from(JSON.stringify(json), 'utf8');
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(LAYOUT, 0);
  head.writeUInt32BE(text.length, 1);
  return Buffer.concat([head, text, payload]);
}

const NOTHING = new Uint8Array();

function partsOf(state: RecordState): { readonly json: object; readonly payload: Uint8Array } {
  if (state.kind === 'outcome') {
    const { payload, ...json } = state;
    return { json, payload };
  }
  const steps = [...state.steps].map(([name, step]) => [
    ...[name, step.state, Buffer.from(step.payload).toString('base64')],
  ]);
  return { json: { ...state, steps }, payload: NOTHING };
}

/**
 * Reads it back.
 *
 * @throws Error when it is damaged, or of another layout
 */
export function recordOf(bytes: Buffer): RecordState {
  if (bytes[0] !== LAYOUT || bytes.length < HEAD_BYTES) throw new Error('It has another layout.');
  const end = HEAD_BYTES + bytes.readUInt32BE(1);
  if (end > bytes.length) throw new Error('It was cut off.');
  const fields = JSON.parse(bytes.toString('utf8', HEAD_BYTES, end)) as Fields;
  const payload = bytes.subarray(end);
  switch (fields['kind']) {
    case 'outcome':
      return outcomeOf(fields, new Uint8Array(payload));
    case 'attempt':
      if (payload.length > 0) throw new Error('It is longer than it should be.');
      return attemptOf(fields);
    default:
      throw new Error('It is neither an attempt nor an outcome.');
  }
}

type Fields = Readonly<Record<string, unknown>>;

const STATUSES: readonly OutcomeStatus[] = ['value', 'error', 'response', 'unavailable', 'failed'];
const POLICIES: readonly LapsePolicy[] = ['reject', 'rerun', 'recover'];
const PREVIOUS = ['none', 'lapsed', 'released'] as const;
const GIVEN_UP = ['released', 'withdrawn'] as const;
const STEP_STATES: readonly StepState[] = ['started', 'value', 'unavailable'];

function outcomeOf(fields: Fields, payload: Uint8Array): OutcomeState {
  return {
    kind: 'outcome',
    fingerprint: textIn(fields, 'fingerprint'),
    owner: textIn(fields, 'owner'),
    fence: wholeIn(fields, 'fence'),
    attempt: wholeIn(fields, 'attempt'),
    status: oneOf(STATUSES, fields['status']),
    payload,
    expiresAtMs: wholeIn(fields, 'expiresAtMs'),
  };
}

function attemptOf(fields: Fields): AttemptState {
  const { leaseEndsAtMs, awaited, steps } = fields;
  if (typeof awaited !== 'boolean' || !Array.isArray(steps)) throw new Error('It is damaged.');
  return {
    kind: 'attempt',
    fingerprint: textIn(fields, 'fingerprint'),
    owner: textIn(fields, 'owner'),
    displaced: textIn(fields, 'displaced'),
    fence: wholeIn(fields, 'fence'),
    attempt: wholeIn(fields, 'attempt'),
    previous: oneOf(PREVIOUS, fields['previous']),
    firstPolicy: oneOf(POLICIES, fields['firstPolicy']),
    // One that is missing is damage, never a lease that is over.
    leaseEndsAtMs:
      typeof leaseEndsAtMs === 'string'
        ? oneOf(GIVEN_UP, leaseEndsAtMs)
        : wholeIn(fields, 'leaseEndsAtMs'),
    leaseMs: wholeIn(fields, 'leaseMs'),
    awaited,
    expiresAtMs: wholeIn(fields, 'expiresAtMs'),
    steps: new Map(steps.map(stepOf)),
  };
}

function stepOf(entry: unknown): [string, RecordedStep] {
  const [name, state, payload] = Array.isArray(entry) ? (entry as unknown[]) : [];
  if (typeof name !== 'string' || typeof payload !== 'string') throw new Error('It is damaged.');
  const bytes = new Uint8Array(Buffer.from(payload, 'base64'));
  return [name, { state: oneOf(STEP_STATES, state), payload: bytes }];
}

function textIn(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string') return value;
  throw new Error(`Its ${name} is damaged.`);
}

function wholeIn(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`Its ${name} is damaged.`);
}

function oneOf<T extends string>(known: readonly T[], value: unknown): T {
  const found = known.find((one) => one === value);
  if (found !== undefined) return found;
  throw new Error('It is damaged.');
}
