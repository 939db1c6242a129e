import { isInterfaceType, isObjectType, type GraphQLField, type GraphQLSchema } from 'graphql';
import { optionProblems } from '../../core/options/option-problems.js';
import type { IdempotencyPolicyOptions } from '../../core/options/options.js';
import { IDEMPOTENT } from './directive.js';
import { unsupportedGraphql } from '../graphql-version.js';
import { marksOf, nameProblems, sameMark, type Mark } from './marks.js';

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
  const unsupported = unsupportedGraphql();
  if (unsupported !== undefined) return { fields: new Map(), problems: [unsupported] };
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

/** The arguments of a field's mark, or `undefined` if it has none. */
function markOf(
  field: GraphQLField<unknown, unknown>,
  operation: string,
  problems: string[],
): Mark['args'] | undefined {
  const unreadable: string[] = [];
  const [first, ...others] = marksOf(field, unreadable);
  problems.push(...unreadable.map((problem) => `${operation}: ${problem}`));
  if (first === undefined) return undefined;
  problems.push(...nameProblems(first).map((problem) => `${operation}: ${problem}`));
  const other = others.find((mark) => !sameMark(mark, first));
  if (other !== undefined) {
    const [one, two] = [first, other].map(({ args }) => JSON.stringify(args));
    problems.push(`${operation} is marked @${IDEMPOTENT} twice, with ${one} and with ${two}.`);
  }
  return first.args;
}
