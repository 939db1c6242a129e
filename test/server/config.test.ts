import { readConfig } from '../../src/server/config.js';
import { startPayments } from './start.js';

describe('the settings of the payments server', () => {
  it('have defaults', () => {
    expect(readConfig({}, true)).toEqual({
      port: 4_000,
      redisUrls: [],
      databaseUrl: undefined,
      databaseFile: 'data/payments.db',
      processorLatencyMs: 0,
      requestTimeoutMs: 30_000,
      checkoutSwitches: true,
      metrics: true,
      logFormat: 'text',
      logLevel: 'info',
      idempotency: { ttlSeconds: undefined, waitMs: undefined, leaseMs: undefined },
    });
  });

  it('come from the environment', () => {
    expect(
      readConfig(
        {
          PORT: '0',
          REDIS_URL: 'redis://a:1, rediss://b:2',
          DATABASE_URL: 'postgres://a/b',
          DATABASE_FILE: ':memory:',
          PROCESSOR_LATENCY_MS: '50',
          REQUEST_TIMEOUT_MS: '1000',
          CHECKOUT_SWITCHES: 'off',
          METRICS: 'off',
          LOG_LEVEL: 'debug',
          IDEMPOTENCY_TTL_SECONDS: '60',
          IDEMPOTENCY_WAIT_MS: '0',
          IDEMPOTENCY_LEASE_MS: '1000',
        },
        false,
      ),
    ).toEqual({
      port: 0,
      redisUrls: ['redis://a:1', 'rediss://b:2'],
      databaseUrl: 'postgres://a/b',
      databaseFile: ':memory:',
      processorLatencyMs: 50,
      requestTimeoutMs: 1_000,
      checkoutSwitches: false,
      metrics: false,
      logFormat: 'json',
      logLevel: 'debug',
      idempotency: { ttlSeconds: 60, waitMs: 0, leaseMs: 1_000 },
    });
  });

  it('are refused with every problem, and without passwords', () => {
    const env = {
      PORT: '70000',
      REDIS_URL: 'http://user:secret@host',
      DATABASE_URL: 'mysql://user:secret@host/b',
      PROCESSOR_LATENCY_MS: '-1',
      REQUEST_TIMEOUT_MS: '0',
      CHECKOUT_SWITCHES: 'yes',
      LOG_FORMAT: 'xml',
      IDEMPOTENCY_TTL_SECONDS: '1h',
    };
    const read = (): unknown => readConfig(env, false);
    expect(read).toThrow(
      /PORT[^]*REDIS_URL[^]*DATABASE_URL[^]*PROCESSOR_LATENCY_MS[^]*REQUEST_TIMEOUT_MS[^]*CHECKOUT_SWITCHES[^]*LOG_FORMAT[^]*IDEMPOTENCY_TTL_SECONDS/,
    );
    expect(read).not.toThrow(/secret/);
  });

  it('that only the plugin can judge keep the server from starting', async () => {
    const idempotency = { ttlSeconds: 0, waitMs: undefined, leaseMs: 5 };
    await expect(startPayments({ idempotency })).rejects.toThrow(
      /ttlSeconds must be a whole number[^]*leaseMs must be/,
    );
  });
});
