import { crc32 } from 'node:zlib';
import {
  ATTEMPTS_MAX,
  type OutcomeStatus,
  type StoredOutcome,
} from '../../../core/record/record.js';
import type { CompleteRequest } from '../../../core/record/store.js';

/** The letters for statuses in a completed record. */
const STATUS_LETTERS: Readonly<Record<OutcomeStatus, string>> = Object.freeze({
  value: 'V',
  error: 'E',
  response: 'R',
  unavailable: 'U',
  failed: 'F',
});

const STATUSES: ReadonlyMap<string, OutcomeStatus> = new Map(
  (Object.keys(STATUS_LETTERS) as OutcomeStatus[]).map((name) => [STATUS_LETTERS[name], name]),
);

/** The statuses with a payload; the others have none. */
const CARRYING: ReadonlySet<OutcomeStatus> = new Set(['value', 'error', 'response']);

const lettersOf = (names: Iterable<OutcomeStatus>): string =>
  Array.from(names, (name) => STATUS_LETTERS[name]).join('');

/** For character classes in scripts: the letters of the statuses with a payload, and of those without. */
export const CARRYING_STATUSES = lettersOf(CARRYING);
export const EMPTY_STATUSES = lettersOf(
  [...STATUSES.values()].filter((status) => !CARRYING.has(status)),
);

/** The number of characters of a fingerprint in a record: 132 bits of its 256. */
const FINGERPRINT_KEPT = 22;

/** The part of a fingerprint that is compared. */
export function fingerprintPrefix(fingerprint: string): string {
  return fingerprint.slice(0, FINGERPRINT_KEPT);
}

/**
 * The number of characters of an owner in a completed record; with the fence, they identify the owner.
 */
export const OWNER_KEPT = 4;

const VERSION = '1';

/** The offset of each column of a completed record, and of the payload. */
export const OUTCOME_AT = Object.freeze({
  version: 0,
  status: 1,
  attempt: 2,
  fence: 3,
  owner: 10,
  fingerprint: 10 + OWNER_KEPT,
  checksum: 10 + OWNER_KEPT + FINGERPRINT_KEPT,
  payload: 14 + OWNER_KEPT + FINGERPRINT_KEPT,
});

/** Node.js reads and writes integers of up to six bytes; the seventh, highest byte is separate. */
const FENCE_LOW_BYTES = 6;
const FENCE_HIGH = 2 ** (8 * FENCE_LOW_BYTES);
/** The time in the year 2255, in microseconds: later fences are still exact in doubles. */
const FENCE_END = 9_000_000_000_000_000;

/** A fence as the bytes of its column. */
export function packFence(fence: number): Buffer {
  const packed = Buffer.allocUnsafe(1 + FENCE_LOW_BYTES);
  writeFence(packed, fence, 0);
  return packed;
}

function writeFence(packed: Buffer, fence: number, at: number): void {
  packed[at] = Math.floor(fence / FENCE_HIGH);
  packed.writeUIntBE(fence % FENCE_HIGH, at + 1, FENCE_LOW_BYTES);
}

/** The content of a completed record. */
export type PackedOutcome = Omit<CompleteRequest, 'recordId' | 'ttlMs'>;

/**
 * Packs a completed record: version, status, attempt, fence, the first characters of owner and
 * fingerprint, a CRC-32 of these, and the payload, which has its own checksum. Integers are big-endian.
 */
export function packOutcome(outcome: PackedOutcome): Buffer {
  const { status, attempt, fence, owner, fingerprint, payload } = outcome;
  const packed = Buffer.allocUnsafe(OUTCOME_AT.payload + payload.length);
  packed.write(VERSION + STATUS_LETTERS[status], OUTCOME_AT.version, 'latin1');
  packed[OUTCOME_AT.attempt] = attempt;
  writeFence(packed, fence, OUTCOME_AT.fence);
  packed.write(
    owner.slice(0, OWNER_KEPT) + fingerprintPrefix(fingerprint),
    OUTCOME_AT.owner,
    'latin1',
  );
  packed.writeUInt32BE(checksumOf(packed), OUTCOME_AT.checksum);
  packed.set(payload, OUTCOME_AT.payload);
  return packed;
}

/** The columns before a payload. */
export interface OutcomeHeader {
  readonly status: OutcomeStatus;
  readonly attempt: number;
  readonly fence: number;
}

/**
 * Reads a completed record, or only its columns.
 *
 * @returns `undefined` if it does not have the exact format of {@link packOutcome}
 */
export function readHeader(record: Uint8Array): OutcomeHeader | undefined {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  if (bytes.length < OUTCOME_AT.payload) return undefined;
  if (String.fromCharCode(bytes[OUTCOME_AT.version] ?? 0) !== VERSION) return undefined;
  if (bytes.readUInt32BE(OUTCOME_AT.checksum) !== checksumOf(bytes)) return undefined;
  const status = STATUSES.get(String.fromCharCode(bytes[OUTCOME_AT.status] ?? 0));
  const attempt = bytes[OUTCOME_AT.attempt] ?? 0;
  const fence =
    (bytes[OUTCOME_AT.fence] ?? 0) * FENCE_HIGH +
    bytes.readUIntBE(OUTCOME_AT.fence + 1, FENCE_LOW_BYTES);
  if (status === undefined || fence >= FENCE_END) return undefined;
  return attempt < 1 || attempt > ATTEMPTS_MAX ? undefined : { status, attempt, fence };
}

/** Reads a completed record, as {@link readHeader} does, and its payload. */
export function readOutcome(record: Uint8Array, expiresAtMs: number): StoredOutcome | undefined {
  const header = readHeader(record);
  const payload = record.subarray(OUTCOME_AT.payload);
  if (header === undefined || CARRYING.has(header.status) !== payload.length > 0) return undefined;
  return { ...header, payload, expiresAtMs };
}

function checksumOf(header: Buffer): number {
  return crc32(header.subarray(0, OUTCOME_AT.checksum));
}
