import type { Cipher } from '../crypto/cipher.js';
import type { DigestSecret } from '../crypto/digest.js';
import type { EventListener } from '../events.js';
import type { IdempotencyStore } from '../record/store.js';
import type { Telemetry } from '../telemetry.js';
import type { OptionNames } from '../values/unknown-options.js';
import { OPTION_ROWS, type OPTION_TABLE } from './option-table.js';

/** The reaction to a failure: the resolver threw something that is not an outcome. */
export type OnError = 'RELEASE' | 'SEAL';

/** The reaction to the death of a process that ran the resolver without an outcome. */
export type OnCrash = 'REJECT' | 'RERUN';

/**
 * The policy of one mutation: arguments of `@idempotent` on the field definition and of
 * `@Idempotent()`, with the plugin's options of the same names as defaults.
 */
export interface IdempotencyPolicy {
  /**
   * The retention of an outcome, in seconds from its completion: 1 to 34 560 000 (400 days). A retry
   * after that runs again.
   * @defaultValue 86400
   */
  readonly ttlSeconds: number;
  /**
   * Whether a request without a key is refused. If not, it runs unprotected.
   * @defaultValue true
   */
  readonly required: boolean;
  /**
   * The place of the key among the field's arguments: a name or a path such as `input.idempotencyKey`.
   * Unset: `idempotencyKey`, else `input.idempotencyKey`, whichever the field has; a field may have
   * neither.
   */
  readonly argument: string | undefined;
  /**
   * The longest wait of a duplicate for the answer of the running first request, in milliseconds: 0
   * to 300 000. 0 refuses it at once.
   * @defaultValue 5000
   */
  readonly waitMs: number;
  /**
   * The time after which a claim lapses unless it is renewed, in milliseconds: 1 000 to 3 600 000, and
   * at least one and a half times `storeTimeoutMs`. While the resolver runs, it is renewed every third of
   * that time.
   * @defaultValue 30000
   */
  readonly leaseMs: number;
  /**
   * After a failure: `RELEASE` lets a retry run again, `SEAL` refuses it.
   * @defaultValue 'RELEASE'
   */
  readonly onError: OnError;
  /**
   * After the owner died: `REJECT` tells a retry that the outcome is unknown, `RERUN` runs again.
   * @defaultValue 'REJECT'
   */
  readonly onCrash: OnCrash;
}

/** A policy in which every option may be left out. */
export type IdempotencyPolicyOptions = {
  readonly [Name in keyof IdempotencyPolicy]?: IdempotencyPolicy[Name] | undefined;
};

/** The arguments of a `recover` function, about the execution whose outcome is unknown. */
export interface RecoverRequest<TContext> {
  /** The schema coordinate, as in `Mutation.createPayment`. */
  readonly operation: string;
  /** The client's key. */
  readonly key: string;
  /** The caller whose key it is, as the `scope` option returned it. */
  readonly scope: string;
  /** The attempt that asks; at least 2. */
  readonly attempt: number;
  /** Larger for every later claim of the record: for conditional writes in a database. */
  readonly fence: number;
  /** The coerced arguments of the field. */
  readonly args: Readonly<Record<string, unknown>>;
  /** The context of the request that asks. */
  readonly context: TContext;
  /** Aborts when the claim under which `recover` runs is lost. */
  readonly signal: AbortSignal;
  /** The same keys as in the resolver: see `Execution.downstreamKey`. */
  readonly downstreamKey: (label: string, options?: { readonly length?: number }) => string;
}

/**
 * The reply of a `recover` function:
 *
 * - `{ value }`: the mutation took effect; the value that the resolver would have returned
 * - `{ error }`: it was refused; the error that the resolver would have thrown
 * - `'RERUN'`: nothing happened, and the resolver may run
 * - `'UNKNOWN'`: it cannot be told yet
 */
export type RecoverReply =
  { readonly value: unknown } | { readonly error: Error } | 'RERUN' | 'UNKNOWN';

/** Finds the outcome of an execution that was interrupted. If it throws, the outcome stays unknown. */
export type Recover<TContext> = (
  request: RecoverRequest<TContext>,
) => RecoverReply | Promise<RecoverReply>;

/** A property that is about to be stored. */
export interface StoredProperty {
  /** The schema coordinate of the mutation. */
  readonly operation: string;
  /** The owner of the property: in a result, the returned object or a part of it. */
  readonly object: object;
  readonly name: string;
}

/**
 * Whether a property must not be stored. In a replay it is absent: a nullable field answers null,
 * any other an error. If this throws, nothing is stored, and a retry is told that the result is
 * unavailable.
 */
export type Redact = (property: StoredProperty) => boolean;

/** Options of `idempotencyPlugin`. `store` and `scope` have no default. */
export interface IdempotencyOptions<TContext> extends IdempotencyPolicyOptions {
  /** The store of the records. */
  readonly store: IdempotencyStore;
  /**
   * The caller whose key it is: a user, tenant or API client, taken from the context; 1 to 1 024
   * characters. Null, undefined, an empty string or a throw refuses the request. `'global'` puts every
   * caller into one scope: only for servers with one caller.
   */
  readonly scope:
    | 'global'
    | ((context: TContext) => string | null | undefined | Promise<string | null | undefined>);
  /**
   * The request header that may carry the key.
   * @defaultValue 'idempotency-key'
   */
  readonly header?: string | undefined;
  /**
   * The longest time of one call of the store, in milliseconds: 10 to 60 000. After that the request is
   * refused and its claim does not count.
   * @defaultValue 1000
   */
  readonly storeTimeoutMs?: number | undefined;
  /**
   * The longest wait of a stopping server for executions in flight and for outcomes that are not
   * stored, in milliseconds: 0 to 600 000. The event `unfinished` reports those that are left.
   * @defaultValue 10000
   */
  readonly drainTimeoutMs?: number | undefined;
  /**
   * The largest encoded outcome that is kept, in bytes: 1 024 to 67 108 864. A larger one is
   * answered, and retries are told that it is unavailable.
   * @defaultValue 1048576
   */
  readonly resultBytesMax?: number | undefined;
  /**
   * The largest number of marked fields in one document: 1 to 1 000.
   * @defaultValue 10
   */
  readonly fieldsMax?: number | undefined;
  /**
   * Whether a refusal sets the HTTP status (400, 409, 422, 503, with `Retry-After` and `Link`) when the
   * field is the only root field. Leave it off behind a federation gateway.
   * @defaultValue false
   */
  readonly httpStatus?: boolean | undefined;
  /**
   * The page that explains the error codes: an absolute http or https URL without a fragment. An error
   * then has `extensions.documentationUrl`, which is this URL and the code in kebab case, as in
   * `https://example.com/errors#idempotency-key-required`; with `httpStatus`, also a `Link` header.
   */
  readonly documentationUrl?: string | undefined;
  /**
   * Argument paths left out of the fingerprint, by schema coordinate:
   * `{ 'Mutation.pay': ['input.cvv'] }`.
   */
  readonly ignoreArguments?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Functions that find the outcomes of interrupted executions, by schema coordinate. */
  readonly recover?: Readonly<Record<string, Recover<TContext>>> | undefined;
  /**
   * Encrypts what is stored of outcomes and steps: `aesGcmCipher({ keys, current })`. A record that
   * cannot be decrypted is unreadable, and its mutation does not run again.
   */
  readonly cipher?: Cipher | undefined;
  /**
   * The secret of the digests that stand for scopes, keys and arguments in the store (HMAC-SHA-256), so
   * that a reader of the store cannot find them by guessing: at least 32 bytes. With another secret, no
   * record is found and retries run again. `undefined` is therefore refused: an environment variable that
   * is not set must not turn the secret off.
   */
  readonly digestSecret?: DigestSecret;
  /** Says which properties of results, error extensions and steps are never stored. */
  readonly redact?: Redact | undefined;
  /**
   * Metrics and traces: `openTelemetry()` of `graphql-idempotency/opentelemetry`. Errors that it throws
   * do not affect requests.
   */
  readonly telemetry?: Telemetry | undefined;
  /** Called with each event: executions, replays, refusals, failures. Errors that it throws are ignored. */
  readonly onEvent?: EventListener | undefined;
}

type TableOption = keyof typeof OPTION_TABLE;

/** The defaults of every option that has one. */
export const IDEMPOTENCY_DEFAULTS = Object.freeze(
  Object.fromEntries(OPTION_ROWS.map(([name, row]) => [name, row.default])),
) as { readonly [Name in TableOption]: (typeof OPTION_TABLE)[Name]['default'] };

/** The options of mutations and of the plugin that are not in the table. */
const OTHER_OPTIONS = Object.freeze({
  store: true,
  scope: true,
  documentationUrl: true,
  ignoreArguments: true,
  recover: true,
  cipher: true,
  digestSecret: true,
  redact: true,
  telemetry: true,
  onEvent: true,
} satisfies OptionNames<Omit<IdempotencyOptions<never>, TableOption>>);

/** The names of all options. */
export const OPTION_NAMES: Readonly<Record<string, true>> = Object.freeze({
  ...Object.fromEntries(OPTION_ROWS.map(([name]) => [name, true as const])),
  ...OTHER_OPTIONS,
});

const POLICY_OPTIONS = OPTION_ROWS.flatMap(([name, { perMutation }]) =>
  perMutation ? [name as keyof IdempotencyPolicy] : [],
);

/** `policy` with every part that `overrides` names replaced by it. */
export function mergePolicy(
  policy: IdempotencyPolicy,
  overrides: IdempotencyPolicyOptions,
): IdempotencyPolicy {
  const parts = POLICY_OPTIONS.map((name) => [name, overrides[name] ?? policy[name]]);
  return Object.fromEntries(parts) as IdempotencyPolicy;
}
