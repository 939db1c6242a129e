import { createHmac, hash } from 'node:crypto';

/** A secret that keys digests: see the option `digestSecret`. */
export type DigestSecret = string | Uint8Array;

/** The shortest secret for digests, in bytes: as long as the digest. */
const SECRET_BYTES_MIN = 32;

/** SHA-256 in base64url; with a secret, HMAC-SHA-256 (RFC 2104). */
export function digestOf(data: string | Uint8Array, secret: DigestSecret | undefined): string {
  return secret === undefined
    ? hash('sha256', data, 'base64url')
    : createHmac('sha256', secret).update(data).digest('base64url');
}

/** Problems of a given secret, in sentences that do not repeat it. */
export function digestSecretProblems(secret: unknown): string[] {
  const fits = typeof secret === 'string' || secret instanceof Uint8Array;
  if (fits && Buffer.byteLength(secret) >= SECRET_BYTES_MIN) return [];
  return [
    `digestSecret must be a string or bytes, at least ${String(SECRET_BYTES_MIN)} bytes long.`,
  ];
}
