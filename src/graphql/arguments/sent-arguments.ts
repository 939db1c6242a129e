import {
  getNullableType,
  isInputObjectType,
  isListType,
  isScalarType,
  Kind,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLScalarType,
  type OperationDefinitionNode,
  type ValueNode,
} from 'graphql';
import {
  canonicalOf,
  UncanonicalValueError,
  type Reading,
  type Sent,
} from '../../core/fingerprint.js';
import { isWellFormed } from '../../core/values/well-formed.js';
import { hasCustomScalars, isCustomScalar, reachesCustomScalar } from './custom-scalars.js';
import { defaultOf, type Values } from '../graphql-version.js';

/*
 * A scalar's `parseValue` may return an object of any class, which only the scalar knows: two objects that
 * look the same may differ. The client's input is JSON or a literal, and says everything that a resolver
 * can know of the client's intent. Therefore the input is compared.
 */

/** The source of a value. */
type Source =
  | { readonly kind: 'json'; readonly value: unknown; readonly isDefault: boolean }
  | { readonly kind: 'literal'; readonly node: ValueNode; readonly isDefault: boolean };

/** The arguments of a selected field. */
export interface GivenArguments {
  readonly node: FieldNode;
  readonly operation: OperationDefinitionNode;
  /** The variables as they were sent. */
  readonly variables: Values | undefined;
}

/**
 * The client's input for the custom scalars among the arguments of a field; `undefined` if the field
 * has none.
 *
 * @throws UncanonicalValueError if it cannot be compared
 */
export function sentArguments(
  field: GraphQLField<unknown, unknown>,
  reading: Reading,
  given: GivenArguments,
): Sent | undefined {
  if (!hasCustomScalars(field)) return undefined;
  const nodes = new Map(given.node.arguments?.map(({ name, value }) => [name.value, value]));
  return new Sending(given).members(field.args, reading, (name) => nodes.get(name));
}

/** Depth beyond which a literal is refused, as values are. */
const DEPTH_MAX = 64;

class Sending {
  readonly #variables: Values;
  readonly #operation: OperationDefinitionNode;
  readonly #path: string[] = [];

  constructor({ operation, variables }: GivenArguments) {
    this.#variables = variables ?? {};
    this.#operation = operation;
  }

  /** Of arguments, or of the fields of an input object. */
  members(
    inputs: readonly (GraphQLArgument | GraphQLInputField)[],
    reading: Reading | undefined,
    sourceOf: (name: string) => ValueNode | Source | undefined,
  ): Sent {
    const sent = new Map<string, Sent>();
    for (const input of inputs) {
      const below = reading?.members?.get(input.name);
      if (below === 'omitted' || !reachesCustomScalar(input.type)) continue;
      const given = sourceOf(input.name);
      const source = given && ('isDefault' in given ? given : this.#sourceIn(given, false));
      const found = source ?? defaultSource(input);
      if (found === undefined) continue;
      this.#path.push(input.name);
      const part = this.#of(input.type, found, below);
      this.#path.pop();
      if (part !== undefined) sent.set(input.name, part);
    }
    return sent;
  }

  #of(wrapped: GraphQLInputType, source: Source, reading: Reading | undefined): Sent | undefined {
    const type = getNullableType(wrapped);
    if (isScalarType(type)) return this.#textOf(type, source);
    if (isNull(source)) return undefined;
    if (isListType(type)) {
      const items = this.#itemsOf(source);
      return items.map((item) => this.#of(type.ofType, item, reading?.items));
    }
    if (!isInputObjectType(type)) return undefined;
    const inputs = Object.values(type.getFields());
    const { isDefault } = source;
    if (source.kind === 'literal') {
      if (source.node.kind !== Kind.OBJECT) return undefined;
      const fields = new Map(source.node.fields.map(({ name, value }) => [name.value, value]));
      return this.members(inputs, reading, (name) => {
        const node = fields.get(name);
        return node && this.#sourceIn(node, isDefault);
      });
    }
    const value = Object(source.value) as Values;
    return this.members(inputs, reading, (name) =>
      Object.hasOwn(value, name) && value[name] !== undefined
        ? { kind: 'json', value: value[name], isDefault }
        : undefined,
    );
  }

  #itemsOf(source: Source): readonly Source[] {
    const { isDefault } = source;
    if (source.kind === 'json') {
      if (!Array.isArray(source.value)) return [source];
      return source.value.map((value: unknown) => ({ kind: 'json', value, isDefault }));
    }
    if (source.node.kind !== Kind.LIST) return [source];
    return source.node.values.map((node) => this.#sourceIn(node, isDefault) ?? NULL);
  }

  /** The value of a node; `undefined` for a variable without a value. */
  #sourceIn(node: ValueNode, isDefault: boolean): Source | undefined {
    if (node.kind !== Kind.VARIABLE) return { kind: 'literal', node, isDefault };
    const name = node.name.value;
    const value = Object.hasOwn(this.#variables, name) ? this.#variables[name] : undefined;
    if (value !== undefined) return { kind: 'json', value, isDefault };
    const definition = this.#operation.variableDefinitions?.find(
      ({ variable }) => variable.name.value === name,
    )?.defaultValue;
    return definition && { kind: 'literal', node: definition, isDefault };
  }

  /** A default value is told apart from the same value that was sent: it may be of any class. */
  #textOf(type: GraphQLScalarType, source: Source): string | undefined {
    if (!isCustomScalar(type)) return undefined;
    if (!source.isDefault) return this.#text(source, this.#path.length);
    try {
      return `D${this.#text(source, this.#path.length)}`;
    } catch {
      return `D${serialized(type, source)}`;
    }
  }

  #text(source: Source, depth: number): string {
    if (source.kind === 'json') return canonicalOf(source.value, this.#path, depth);
    return this.#literal(source.node, depth);
  }

  /** A literal as untyped JSON, in the canonical form that the same JSON has. */
  #literal(node: ValueNode, depth: number): string {
    switch (node.kind) {
      case Kind.NULL:
        return 'z';
      case Kind.BOOLEAN:
        return node.value ? 't' : 'f';
      case Kind.STRING:
        return this.#string(node.value);
      case Kind.INT:
      case Kind.FLOAT:
        // A scalar sees the digits, of which a number may not keep all: 1.50, or more than 2^53.
        return String(Number(node.value)) === node.value
          ? `n${node.value};`
          : `N${node.value.length}:${node.value}`;
      case Kind.ENUM:
        return `e${node.value.length}:${node.value}`;
      case Kind.VARIABLE: {
        const source = this.#sourceIn(node, false);
        return source === undefined ? 'z' : this.#text(source, depth);
      }
      case Kind.LIST: {
        this.#checkDepth(depth);
        return `[${node.values.map((item) => this.#literal(item, depth + 1)).join('')}]`;
      }
      case Kind.OBJECT:
        return this.#object(node.fields, depth);
    }
  }

  #object(
    fields: readonly { readonly name: { readonly value: string }; readonly value: ValueNode }[],
    depth: number,
  ): string {
    this.#checkDepth(depth);
    const texts = fields.flatMap(({ name, value }): [string, string][] => {
      const isMissing = value.kind === Kind.VARIABLE && this.#sourceIn(value, false) === undefined;
      return isMissing ? [] : [[name.value, this.#literal(value, depth + 1)]];
    });
    texts.sort(([one], [two]) => (one < two ? -1 : one > two ? 1 : 0));
    return `{${texts.map(([name, text]) => this.#string(name) + text).join('')}}`;
  }

  #string(text: string): string {
    if (!isWellFormed(text)) throw this.#uncanonical('has half of a surrogate pair in it');
    return `s${text.length}:${text}`;
  }

  #checkDepth(depth: number): void {
    if (depth >= DEPTH_MAX) throw this.#uncanonical('is too deep');
  }

  #uncanonical(problem: string): UncanonicalValueError {
    return new UncanonicalValueError(this.#path.join('.'), problem);
  }
}

const NULL: Source = { kind: 'json', value: null, isDefault: false };

function isNull(source: Source): boolean {
  return source.kind === 'json' ? source.value == null : source.node.kind === Kind.NULL;
}

function defaultSource(input: GraphQLArgument | GraphQLInputField): Source | undefined {
  const found = defaultOf(input);
  if (found === undefined) return undefined;
  if (found.kind === 'literal') return { kind: 'literal', node: found.node, isDefault: true };
  return { kind: 'json', value: found.value, isDefault: true };
}

/**
 * The canonical text of a default value that is not data; requests that leave it out have one intent.
 */
function serialized(type: GraphQLScalarType, source: Source): string {
  try {
    return source.kind === 'json' ? canonicalOf(type.serialize(source.value), [], 0) : '';
  } catch {
    return '';
  }
}
