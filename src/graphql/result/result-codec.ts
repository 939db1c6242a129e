import type { GraphQLError } from 'graphql';
import { isPromise } from '../../core/async/awaitable.js';
import {
  dataOf,
  decodeValue,
  encodeValue,
  NotPlainError,
  shapeOf,
  UnfaithfulValueError,
  type EncodeOptions,
  type Redacts,
} from '../../core/codec.js';
import { messageOf } from '../../core/values/message-of.js';
import type { StepCodec } from '../../core/engine/attempt/steps.js';
import type { Redact } from '../../core/options/options.js';
import { registry } from '../schema/registry.js';
import { errorFrom, storedErrorOf, type StoredError } from './thrown-error.js';

/** Settings of a {@link ResultCodec}. */
export interface ResultCodecSettings {
  /** The schema coordinate of the mutation. */
  readonly operation: string;
  readonly resultBytesMax: number;
  readonly redact: Redact | undefined;
  /** Objects that are values of the schema's enums: only they themselves can be serialized. */
  readonly enumValues: ReadonlySet<object> | undefined;
  /** Tells the schema from one that a later deploy has. */
  readonly shape: number;
}

/** Turns what a mutation's resolver does into bytes, and back. */
export class ResultCodec {
  readonly bytesMax: number;
  readonly redacts: Redacts | undefined;
  readonly #values: EncodeOptions;
  readonly #steps: EncodeOptions;
  readonly #shape: number;
  /** Keeps what steps return: their data, whatever class it comes in. */
  readonly steps: StepCodec;

  constructor({ operation, resultBytesMax, redact, enumValues, shape }: ResultCodecSettings) {
    this.bytesMax = resultBytesMax;
    this.#shape = shape;
    this.redacts = redactsOf(redact, operation);
    const { redacts } = this;
    this.#steps = { classNameOf, identities: enumValues, redacts, bytesMax: resultBytesMax };
    this.#values = { ...this.#steps, shape };
    this.steps = {
      encode: (value, bytesMax) => this.#encodeStep(value, Math.min(bytesMax, resultBytesMax)),
      decode: (payload) => this.decodeValue(payload),
    };
  }

  /** @throws NotPlainError when the value is more than plain data; UnfaithfulValueError */
  encodeValue(value: unknown): Uint8Array {
    return encodeValue(value, this.#values);
  }

  /** @throws NotPlainError when its extensions are more than plain data; UnfaithfulValueError */
  encodeError(error: GraphQLError): Uint8Array {
    const stored = storedErrorOf(error);
    const { redacts } = this;
    return encodeValue(stored, {
      ...this.#steps,
      // What it is stored in is ours.
      redacts: redacts && ((object, name) => object !== stored && redacts(object, name)),
    });
  }

  /** @throws UnreadableValueError when the payload is damaged, or names a class that is gone */
  decodeValue(payload: Uint8Array): unknown {
    return decodeValue(payload, REVIVAL);
  }

  #encodeStep(value: unknown, bytesMax: number): Uint8Array {
    const rules = { ...this.#steps, bytesMax };
    try {
      return encodeValue(value, rules);
    } catch (error) {
      if (!(error instanceof NotPlainError)) throw error;
      return encodeValue(dataOf(value, classNameOf), rules);
    }
  }

  /** Whether a value was recorded when results looked as they do now, as far as that is known. */
  isCurrent(payload: Uint8Array): boolean {
    const shape = shapeOf(payload);
    return shape === 0 || shape === this.#shape;
  }

  /** @throws UnreadableValueError */
  decodeError(payload: Uint8Array): GraphQLError {
    return errorFrom(decodeValue(payload, REVIVAL) as StoredError);
  }
}

const REVIVAL = {
  createInstance(className: string): object {
    const prototype = prototypeOf(className);
    if (prototype === undefined) throw new Error(`There is no class ${className} any more.`);
    return Object.create(prototype) as object;
  },
  createTyped: (typeName: string): object =>
    Object.create(prototypeOf(typeName) ?? Object.prototype) as object,
};

function classNameOf(prototype: object): string | undefined {
  for (const classes of registry.classes) {
    const name = classes.nameOf(prototype);
    if (name !== undefined) return name;
  }
  return undefined;
}

function prototypeOf(className: string): object | undefined {
  for (const classes of registry.classes) {
    const prototype = classes.prototypeOf(className);
    if (prototype !== undefined) return prototype;
  }
  return undefined;
}

/** Which properties of a mutation's results are not stored. */
function redactsOf(redact: Redact | undefined, operation: string): Redacts | undefined {
  if (redact === undefined) return undefined;
  return (object, name) => {
    let answer: unknown;
    try {
      answer = redact({ operation, object, name });
    } catch (error) {
      throw new UnfaithfulValueError(`was not stored, because redact threw "${messageOf(error)}"`);
    }
    if (!isPromise(answer)) return Boolean(answer);
    // A promise is truthy: taken for an answer it would remove everything.
    answer.then(undefined, () => undefined);
    throw new UnfaithfulValueError(
      'was not stored, because redact returned a promise: it has to answer at once',
    );
  };
}
