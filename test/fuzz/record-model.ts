import type { BeginRequest, CompleteRequest } from '../../src/index.js';

/** What a Redis key holds, bytes as latin1 text. */
export type Content =
  | { readonly kind: 'none' }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'hash'; readonly fields: ReadonlyMap<string, string> }
  | { readonly kind: 'list' | 'set' | 'zset' | 'stream'; readonly item: string };

interface Ended {
  readonly state: 'completed';
  readonly status: string;
  readonly fence: number;
  readonly attempt: number;
  readonly own: string;
  readonly fp: string;
  readonly payload: string;
}

interface InProgress {
  readonly state: 'in progress';
  readonly fp: string;
  readonly own: string;
  readonly fence: number;
  readonly attempt: number;
  readonly leaseEndsAt: number;
  readonly duration: number;
  readonly policy: string;
  readonly previous: string;
}

/** A record as the documentation of the scripts describes it, or why there is none. */
export type Reading =
  Ended | InProgress | { readonly state: 'vacant' } | { readonly state: 'unreadable' };

/** Every fence after this one is still below 2^53, where numbers are exact. */
const FENCE_MAX = 9_000_000_000_000_000;
const ATTEMPTS_MAX = 99;
const UNREADABLE = { state: 'unreadable' } as const;

/** Reads what a key holds, without a look at how the scripts do it. */
export function readContent(content: Content): Reading {
  switch (content.kind) {
    case 'none':
      return { state: 'vacant' };
    case 'string':
      return readPacked(content.text);
    case 'hash':
      return content.fields.size === 0 ? { state: 'vacant' } : readFields(content.fields);
    default:
      return UNREADABLE;
  }
}

const PACKED = /^(1([VERUF])([^])([^]{7})([^]{4})([^]{22}))([^]{4})([^]*)$/;

function readPacked(text: string): Reading {
  const parts = PACKED.exec(text);
  if (parts === null) return UNREADABLE;
  const [, columns = '', status = '', third = '', next = '', own = '', fp = ''] = parts;
  const [sum = '', payload = ''] = parts.slice(7);
  if (sum !== checksum(columns)) return UNREADABLE;
  const attempt = third.charCodeAt(0);
  const fence = Number(`0x${Buffer.from(next, 'latin1').toString('hex')}`);
  const carries = status === 'V' || status === 'E' || status === 'R';
  if (fence >= FENCE_MAX || attempt === 0 || attempt > ATTEMPTS_MAX) return UNREADABLE;
  if (carries !== payload.length > 0) return UNREADABLE;
  return { state: 'completed', status, fence, attempt, own, fp, payload };
}

/** A CRC-32, bit by bit, as four bytes. */
export function checksum(columns: string): string {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(columns, 'latin1')) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
  return bytes.toString('latin1');
}

function readFields(fields: ReadonlyMap<string, string>): Reading {
  const field = (name: string): string => fields.get(name) ?? '';
  const number = (name: string, digits: number): number =>
    /^\d+$/.test(field(name)) && field(name).length <= digits ? Number(field(name)) : NaN;
  const [fence, attempt] = [number('f', 16), number('n', 2)];
  const [leaseEndsAt, duration] = [number('le', 16), number('ld', 16)];
  const readable =
    field('v') === '1' &&
    field('fp').length === 22 &&
    field('own').length === 22 &&
    fence < FENCE_MAX &&
    attempt > 0 &&
    Number.isSafeInteger(leaseEndsAt) &&
    (field('le').length >= 13 || ['0', '1'].includes(field('le'))) &&
    Number.isSafeInteger(duration) &&
    duration > 0 &&
    ['reject', 'rerun', 'recover'].includes(field('pol')) &&
    ['none', 'lapsed', 'released'].includes(field('prev')) &&
    (!fields.has('pown') || field('pown').length === 22);
  if (!readable) return UNREADABLE;
  const [fp, own, policy, previous] = [field('fp'), field('own'), field('pol'), field('prev')];
  const numbers = { fence, attempt, leaseEndsAt, duration };
  return { state: 'in progress', fp, own, ...numbers, policy, previous };
}

/** A record holds the first part of a fingerprint. */
function isOf({ fp }: { readonly fp: string }, fingerprint: string): boolean {
  return fp === fingerprint.slice(0, 22);
}

/** The kind of reply that `begin` must give. Leases end long ago or in a long time. */
export function beginKind(
  reading: Reading,
  { fingerprint, owner, onLapse }: BeginRequest,
  now: number,
): string {
  if (reading.state === 'vacant') return 'claimed';
  if (reading.state === 'unreadable') return 'unreadable';
  if (!isOf(reading, fingerprint)) return 'mismatch';
  if (reading.state === 'completed') return 'completed';
  const { own, leaseEndsAt, policy, attempt } = reading;
  if (own === owner && leaseEndsAt > 1) return 'claimed';
  if (leaseEndsAt > now) return 'running';
  const may =
    leaseEndsAt === 0 || onLapse === 'recover' || (onLapse === 'rerun' && policy === 'rerun');
  return may && attempt < ATTEMPTS_MAX ? 'claimed' : 'lapsed';
}

/** The kind of reply that `peek` must give. */
export function peekKind(reading: Reading, fingerprint: string, now: number): string {
  if (reading.state === 'vacant' || reading.state === 'unreadable') return reading.state;
  if (!isOf(reading, fingerprint)) return 'mismatch';
  if (reading.state === 'completed') return 'completed';
  if (reading.leaseEndsAt > now) return 'running';
  return reading.leaseEndsAt === 0 && reading.attempt < ATTEMPTS_MAX ? 'vacant' : 'lapsed';
}

/** The kind of reply that `complete` must give. */
export function completeKind(
  reading: Reading,
  { fingerprint, owner, fence }: CompleteRequest,
): string {
  if (reading.state === 'unreadable') return 'unreadable';
  if (reading.state === 'vacant') return 'stored';
  const isOwn =
    reading.state === 'completed'
      ? reading.own === owner.slice(0, 4) && reading.fence === fence
      : reading.own === owner && isOf(reading, fingerprint);
  return isOwn ? 'stored' : 'superseded';
}

/** What `renew` must reply. */
export function renewReply(reading: Reading, owner: string): string {
  const held = reading.state === 'in progress' && reading.own === owner;
  return held && reading.leaseEndsAt !== 0 ? 'renewed' : 'lost';
}

/** What `step` must reply. */
export function stepReply(reading: Reading, owner: string): string {
  return renewReply(reading, owner) === 'renewed' ? 'recorded' : 'lost';
}

/** What `release` must reply. */
export function releaseReply(reading: Reading, owner: string): string {
  return reading.state === 'in progress' && reading.own === owner ? 'released' : 'lost';
}
