import { aesGcmCipher, idempotencyPlugin, type Cipher } from 'graphql-idempotency';
import { RedisStore } from 'graphql-idempotency/redis';
import type { Redis } from 'ioredis';

interface Context {
  readonly user: string;
}

/** The plugin of a server that stores nothing readable. */
export function encryptingPlugin(redis: Redis, env: Readonly<Record<string, string>>) {
  const { KEY_2026_11 = '', DIGEST_SECRET = '' } = env;
  return idempotencyPlugin<Context>({
    store: new RedisStore(redis, { service: 'payments' }),
    scope: ({ user }) => user,
    cipher: aesGcmCipher({ keys: { '2026-11': KEY_2026_11 }, current: '2026-11' }),
    digestSecret: DIGEST_SECRET,
    redact: ({ name }) => name === 'cvv' || name === 'passwordHash',
  });
}

/** Both keys are known everywhere before the new one encrypts. */
export function rotating(before: string, after: string): Cipher {
  return aesGcmCipher({ keys: { '2026-11': before, '2027-02': after }, current: '2027-02' });
}

/** A key service that never gives its key away: one call for each value. */
interface KeyService {
  encrypt(request: { text: Uint8Array; context: string }): Promise<Uint8Array>;
  decrypt(request: { blob: Uint8Array; context: string }): Promise<Uint8Array>;
}

export function cipherOfService(service: KeyService): Cipher {
  return {
    encrypt: (text, context) => service.encrypt({ text, context }),
    decrypt: (blob, context) => service.decrypt({ blob, context }),
  };
}
