import {
  getDirectiveValues,
  isInterfaceType,
  isObjectType,
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLSchema,
} from 'graphql';
import { messageOf } from '../core/message-of.js';
import { optionProblems } from '../core/option-problems.js';
import type { IdempotencyPolicyOptions } from '../core/options.js';
import { IDEMPOTENT, idempotentDirective } from './directive.js';

/** A mutation field that carries `@idempotent`. */
export interface MarkedField {
  /** Schema coordinate. */
  readonly operation: string;
  readonly field: GraphQLField<unknown, unknown>;
  /** The directive's arguments. */
  readonly policy: IdempotencyPolicyOptions;
}

/** The marked fields of a schema by name, and everything that is wrong with its marks. */
export interface MarkedFields {
  readonly fields: ReadonlyMap<string, MarkedField>;
  readonly problems: readonly string[];
}

/** Finds every use of `@idempotent` in a schema. */
export function findMarkedFields(schema: GraphQLSchema): MarkedFields {
  const fields = new Map<string, MarkedField>();
  const problems: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const operation = `${type.name}.${field.name}`;
      const mark = markOf(field, operation, problems);
      if (mark === undefined) continue;
      if (type !== schema.getMutationType()) {
        problems.push(
          `${operation} is marked @${IDEMPOTENT}, but only root mutation fields can be.`,
        );
        continue;
      }
      problems.push(...optionProblems(mark).map((problem) => `${operation}: ${problem}`));
      if (mark['key'] !== undefined) {
        problems.push(`${operation}: key belongs into documents, not into the schema.`);
      }
      fields.set(field.name, { operation, field, policy: mark });
    }
  }
  return { fields, problems };
}

/** The directive's arguments, from the SDL or, in code-first schemas, from the extensions. */
function markOf(
  field: GraphQLField<unknown, unknown>,
  operation: string,
  problems: string[],
): Record<string, unknown> | undefined {
  const node = field.astNode?.directives?.find(({ name }) => name.value === IDEMPOTENT);
  const extension = extensionMark(field);
  if (node === undefined && extension === undefined) return undefined;
  const names = node?.arguments?.map(({ name }) => name.value) ?? Object.keys(extension ?? {});
  for (const name of names) {
    if (!idempotentDirective.args.some((argument) => argument.name === name)) {
      problems.push(`${operation}: @${IDEMPOTENT} has no argument "${name}".`);
    }
  }
  if (node === undefined) return { ...extension };
  return directiveArguments(node, operation, problems);
}

function directiveArguments(
  node: ConstDirectiveNode,
  operation: string,
  problems: string[],
): Record<string, unknown> {
  try {
    return getDirectiveValues(idempotentDirective, { directives: [node] }) ?? {};
  } catch (error) {
    problems.push(`${operation}: ${messageOf(error)}`);
    return {};
  }
}

function extensionMark(field: GraphQLField<unknown, unknown>): object | undefined {
  const directives: unknown = field.extensions['directives'];
  if (typeof directives !== 'object' || directives === null) return undefined;
  const mark: unknown = (directives as Record<string, unknown>)[IDEMPOTENT];
  if (mark === undefined) return undefined;
  return typeof mark === 'object' && mark !== null ? mark : {};
}
