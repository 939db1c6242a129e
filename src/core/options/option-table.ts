import type { WholeNumberRange } from '../values/whole-number.js';

/** The columns that every row has. */
interface AnyOption {
  /** Whether a mutation may decide for itself: then it is an argument of `@idempotent`, too. */
  readonly perMutation: boolean;
  /** Its meaning, in a sentence for readers of the schema. */
  readonly description: string;
}

interface NumberOption extends AnyOption, WholeNumberRange {
  readonly kind: 'whole number';
  readonly unit: 'seconds' | 'milliseconds' | 'bytes' | 'fields';
  readonly default: number;
}

interface SwitchOption extends AnyOption {
  readonly kind: 'true or false';
  readonly default: boolean;
}

interface ChoiceOption extends AnyOption {
  readonly kind: 'choice';
  /** The values, each with what it does. */
  readonly choices: Readonly<Record<string, string>>;
  /** The type of the values, in the schema. */
  readonly type: { readonly name: string; readonly description: string };
  readonly default: string;
}

interface TextOption extends AnyOption {
  readonly kind: 'text';
  readonly pattern: RegExp;
  /** The name of a value that matches the pattern, for messages. */
  readonly noun: string;
  readonly default: string | undefined;
}

/** A row of {@link OPTION_TABLE}. */
export type OptionRow = NumberOption | SwitchOption | ChoiceOption | TextOption;

/**
 * Every option that is a plain value: its type, range, unit, default and description. What checks
 * options, what merges them and the arguments of `@idempotent` come from here; tests hold the TSDoc of
 * `IdempotencyOptions` and the tables of docs/options.md to it.
 */
export const OPTION_TABLE = Object.freeze({
  ttlSeconds: {
    kind: 'whole number',
    min: 1,
    max: 34_560_000,
    unit: 'seconds',
    default: 86_400,
    perMutation: true,
    description: 'How long an outcome is kept, in seconds.',
  },
  required: {
    kind: 'true or false',
    default: true,
    perMutation: true,
    description: 'Whether a request without a key is refused.',
  },
  argument: {
    kind: 'text',
    pattern: /^[_A-Za-z][_0-9A-Za-z]*(\.[_A-Za-z][_0-9A-Za-z]*)*$/,
    noun: 'an argument path',
    default: undefined,
    perMutation: true,
    description: 'The argument that carries the key, as in "input.requestId".',
  },
  waitMs: {
    kind: 'whole number',
    min: 0,
    max: 300_000,
    unit: 'milliseconds',
    default: 5_000,
    perMutation: true,
    description: 'How long a duplicate waits for the first answer, in milliseconds.',
  },
  leaseMs: {
    kind: 'whole number',
    min: 1_000,
    max: 3_600_000,
    unit: 'milliseconds',
    default: 30_000,
    perMutation: true,
    description: 'How long a silent server keeps its claim, in milliseconds.',
  },
  onError: {
    kind: 'choice',
    choices: { RELEASE: 'A retry runs the mutation again.', SEAL: 'A retry is refused.' },
    type: {
      name: 'IdempotentOnError',
      description: 'What happens to an idempotency key when the mutation fails without an outcome.',
    },
    default: 'RELEASE',
    perMutation: true,
    description: 'After a failure without an outcome.',
  },
  onCrash: {
    kind: 'choice',
    choices: {
      REJECT: 'A retry is told that the outcome is unknown.',
      RERUN: 'A retry runs the mutation again.',
    },
    type: {
      name: 'IdempotentOnCrash',
      description: 'What happens to an idempotency key when the server dies during the mutation.',
    },
    default: 'REJECT',
    perMutation: true,
    description: 'After the server died.',
  },
  header: {
    kind: 'text',
    pattern: /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/,
    noun: 'an HTTP header name',
    default: 'idempotency-key',
    perMutation: false,
    description: 'The request header that may carry the key.',
  },
  storeTimeoutMs: {
    kind: 'whole number',
    min: 10,
    max: 60_000,
    unit: 'milliseconds',
    default: 1_000,
    perMutation: false,
    description: 'The longest time of one call of the store, in milliseconds.',
  },
  drainTimeoutMs: {
    kind: 'whole number',
    min: 0,
    max: 600_000,
    unit: 'milliseconds',
    default: 10_000,
    perMutation: false,
    description: 'The longest wait of a stopping server, in milliseconds.',
  },
  resultBytesMax: {
    kind: 'whole number',
    min: 1_024,
    max: 67_108_864,
    unit: 'bytes',
    default: 1_048_576,
    perMutation: false,
    description: 'The largest encoded outcome that is kept, in bytes.',
  },
  fieldsMax: {
    kind: 'whole number',
    min: 1,
    max: 1_000,
    unit: 'fields',
    default: 10,
    perMutation: false,
    description: 'The largest number of marked fields in one document.',
  },
  httpStatus: {
    kind: 'true or false',
    default: false,
    perMutation: false,
    description: 'Whether a refusal sets the HTTP status.',
  },
} as const satisfies Readonly<Record<string, OptionRow>>);

/** The rows and their names, in order. */
export const OPTION_ROWS: readonly (readonly [string, OptionRow])[] = Object.entries(OPTION_TABLE);
