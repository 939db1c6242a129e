import type { RecordedStep, StepState } from '../../../core/record/record.js';
import type { StepRequest } from '../../../core/record/store.js';

const LETTERS: Readonly<Record<StepState, string>> = Object.freeze({
  started: 'S',
  value: 'V',
  unavailable: 'U',
});

const NAME_DIGITS = 4;
const VALUE_DIGITS = 8;
const HEAD_LENGTH = 1 + NAME_DIGITS + VALUE_DIGITS;

/** The columns before a step's value: its state, the lengths of its name and value, and its name. */
export function entryHead({ name, state, payload }: StepRequest): Buffer {
  const nameLength = String(Buffer.byteLength(name)).padStart(NAME_DIGITS, '0');
  const valueLength = String(payload.length).padStart(VALUE_DIGITS, '0');
  return Buffer.from(LETTERS[state] + nameLength + valueLength + name);
}

/** The entry of a step, to append to a claim. */
export function packEntry(request: StepRequest): Buffer {
  return Buffer.concat([entryHead(request), request.payload]);
}

/** Reads entries that a script has found to be complete. The last one of a name counts. */
export function readEntries(entries: Uint8Array): ReadonlyMap<string, RecordedStep> {
  const bytes = Buffer.from(entries.buffer, entries.byteOffset, entries.byteLength);
  const steps = new Map<string, RecordedStep>();
  let at = 0;
  while (at < bytes.length) {
    const nameAt = at + HEAD_LENGTH;
    const head = bytes.toString('latin1', at, nameAt);
    const payloadAt = nameAt + Number(head.slice(1, 1 + NAME_DIGITS));
    const end = payloadAt + Number(head.slice(1 + NAME_DIGITS));
    const payload = bytes.subarray(payloadAt, end);
    steps.set(bytes.toString('utf8', nameAt, payloadAt), stepOf(head.slice(0, 1), payload));
    at = end;
  }
  return steps;
}

function stepOf(letter: string, payload: Uint8Array): RecordedStep {
  if (letter === LETTERS.value && payload.length > 0) return { state: 'value', payload };
  // A step that cannot be read may have run: it must not run again.
  const state = letter === LETTERS.started ? 'started' : 'unavailable';
  return { state, payload: payload.subarray(0, 0) };
}
