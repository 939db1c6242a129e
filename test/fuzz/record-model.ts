import type { BeginRequest, CompleteRequest } from '../../src/index.js';

/** What a Redis key holds, bytes as latin1 text. */
export type Content =
  | { readonly kind: 'none' }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'list' | 'set' | 'zset' | 'stream' | 'hash'; readonly item: string };

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
  readonly lease: 'held' | 'released' | 'withdrawn';
  readonly leaseEndsAt: number;
  readonly policy: string;
  /** Whether what follows the columns is steps. Who only proves to be the owner does not look there. */
  readonly stepsReadable: boolean;
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
      return /^.[PKW]/s.test(content.text) ? readClaim(content.text) : readPacked(content.text);
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

const CLAIM =
  /^1([PKW])(\d{16})(\d{16})(\d{16})(\d{2})([JRC])[NLR][01]([^]{22})([^]{22})[^]{22}([^]*)$/;
const LEASES = { P: 'held', K: 'released', W: 'withdrawn' } as const;

function readClaim(text: string): Reading {
  const [, state, ...parts] = CLAIM.exec(text) ?? [];
  const [fence, leaseEndsAt, duration, attempt] = parts.slice(0, 4).map(Number);
  const [policy = '', fp = '', own = '', tail = ''] = parts.slice(4);
  if (fence === undefined || leaseEndsAt === undefined || attempt === undefined) return UNREADABLE;
  if (duration === undefined) return UNREADABLE;
  const readable =
    fence < FENCE_MAX &&
    attempt > 0 &&
    leaseEndsAt < FENCE_MAX &&
    leaseEndsAt >= 1e12 &&
    duration < FENCE_MAX &&
    duration > 0;
  if (!readable) return UNREADABLE;
  const lease = LEASES[state as keyof typeof LEASES];
  const columns = { fp, own, fence, attempt, lease, leaseEndsAt, policy };
  return { state: 'in progress', ...columns, stepsReadable: areSteps(tail) };
}

function areSteps(tail: string): boolean {
  if (tail === '') return true;
  const [head, name, value] = /^[SVU](\d{4})(\d{8})/.exec(tail) ?? [];
  const length = (head?.length ?? 0) + Number(name) + Number(value);
  return head !== undefined && length <= tail.length && areSteps(tail.slice(length));
}

/** A record holds the first part of a fingerprint. */
function isOf({ fp }: { readonly fp: string }, fingerprint: string): boolean {
  return fp === fingerprint.slice(0, 22);
}

/** Whether who looks at all of a record can read it. */
function isWhole(reading: Reading): boolean {
  return reading.state === 'in progress' ? reading.stepsReadable : reading.state !== 'unreadable';
}

/** The kind of reply that `begin` must give. Leases end long ago or in a long time. */
export function beginKind(
  reading: Reading,
  { fingerprint, owner, onLapse }: BeginRequest,
  now: number,
): string {
  if (reading.state === 'vacant') return 'claimed';
  if (reading.state === 'unreadable' || !isWhole(reading)) return 'unreadable';
  if (!isOf(reading, fingerprint)) return 'mismatch';
  if (reading.state === 'completed') return 'completed';
  const { own, lease, leaseEndsAt, policy, attempt } = reading;
  if (own === owner && lease === 'held') return 'claimed';
  if (lease === 'held' && leaseEndsAt > now) return 'running';
  const may =
    lease === 'released' || onLapse === 'recover' || (onLapse === 'rerun' && policy === 'R');
  return may && attempt < ATTEMPTS_MAX ? 'claimed' : 'lapsed';
}

/** The kind of reply that `peek` must give. */
export function peekKind(reading: Reading, fingerprint: string, now: number): string {
  if (reading.state === 'vacant' || reading.state === 'unreadable') return reading.state;
  if (!isWhole(reading)) return 'unreadable';
  if (!isOf(reading, fingerprint)) return 'mismatch';
  if (reading.state === 'completed') return 'completed';
  if (reading.lease === 'held' && reading.leaseEndsAt > now) return 'running';
  return reading.lease === 'released' && reading.attempt < ATTEMPTS_MAX ? 'vacant' : 'lapsed';
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
  return held && reading.lease !== 'released' ? 'renewed' : 'lost';
}

/** What `step` must reply. */
export function stepReply(reading: Reading, owner: string): string {
  return renewReply(reading, owner) === 'renewed' ? 'recorded' : 'lost';
}

/** What `release` must reply. */
export function releaseReply(reading: Reading, owner: string): string {
  return reading.state === 'in progress' && reading.own === owner ? 'released' : 'lost';
}
