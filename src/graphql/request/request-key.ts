import type { FieldNode } from 'graphql';
import { IdempotencyError } from '../../core/errors.js';
import { parseHeaderKey } from '../../core/record/header-key.js';
import { parseKey } from '../../core/record/key-syntax.js';
import { valueAt } from '../arguments/argument-path.js';
import { idempotentDirective } from '../schema/directive.js';
import type { RootFields } from './document.js';
import type { FieldPlan } from '../schema/field-plan.js';
import {
  argumentsOf,
  directiveArguments,
  type Values,
  type Variables,
} from '../graphql-version.js';

/** The part of a field plan that says where keys are. */
export type KeyPlan = Pick<FieldPlan<never>, 'operation' | 'field' | 'keyPaths'>;

/** Reads the key in a request header; an absent header is no key, an empty one is a bad key. */
export function headerKey(value: string | null | undefined): string | undefined {
  return value === null || value === undefined ? undefined : parseHeaderKey(value);
}

/**
 * The one key of a field. A field can be selected several times under one response key: all of
 * its nodes are read.
 *
 * @param args - the field's coerced arguments
 * @param header - the key from the header, if any
 * @throws IdempotencyError when a key is malformed or two sources differ
 */
export function fieldKey(
  plan: KeyPlan,
  nodes: readonly FieldNode[],
  args: Values,
  variables: Variables,
  header: string | undefined,
): string | undefined {
  let key = header;
  for (const own of ownKeys(plan, nodes, args, variables)) {
    if (key !== undefined && key !== own) {
      throw new IdempotencyError(
        'IDEMPOTENCY_KEY_INVALID',
        'The request names different idempotency keys for one mutation.',
      );
    }
    key = own;
  }
  return key;
}

function ownKeys(
  plan: KeyPlan,
  nodes: readonly FieldNode[],
  args: Values,
  variables: Variables,
): string[] {
  const keys: string[] = [];
  const add = (value: unknown): void => {
    if (value !== undefined && value !== null) keys.push(parseKey(value));
  };
  for (const node of nodes) {
    if (node.directives === undefined || node.directives.length === 0) continue;
    add(directiveArguments(idempotentDirective, node, variables)?.['key']);
  }
  for (const path of plan.keyPaths) add(valueAt(args, path));
  return keys;
}

/** The coerced arguments, or `undefined` if they are wrong: the executor will refuse the field. */
function runnableArguments(
  { field }: KeyPlan,
  node: FieldNode,
  variables: Variables,
): Values | undefined {
  try {
    return argumentsOf(field, node, variables);
  } catch {
    return undefined;
  }
}

/**
 * Refuses a header key that would stand for two intents: in a batch, or when one mutation is
 * selected twice and not each selection has a key of its own.
 *
 * @param variables - coerces them, or gives `undefined` if they are wrong: then nothing will run
 * @throws IdempotencyError
 */
export function refuseAmbiguousHeader(
  fields: RootFields,
  plans: ReadonlyMap<string, KeyPlan>,
  variables: () => Variables | undefined,
  batched: boolean,
): void {
  // The usual request: one mutation, and the key is its key.
  if (fields.size === 1 && !batched) return;
  const selections = new Map<KeyPlan, (readonly FieldNode[])[]>();
  for (const nodes of fields.values()) {
    const plan = nodes[0] && plans.get(nodes[0].name.value);
    if (plan !== undefined) selections.set(plan, [...(selections.get(plan) ?? []), nodes]);
  }
  for (const [plan, selected] of selections) {
    if (selected.length < 2 && !batched) continue;
    const coerced = variables();
    if (coerced === undefined) return;
    const runnable = selected.flatMap((nodes) => {
      const args = nodes[0] && runnableArguments(plan, nodes[0], coerced);
      return args === undefined ? [] : [ownKeys(plan, nodes, args, coerced)];
    });
    const bare = runnable.some((keys) => keys.length === 0);
    if (!bare || (runnable.length < 2 && !batched)) continue;
    throw new IdempotencyError(
      'IDEMPOTENCY_KEY_AMBIGUOUS',
      'One Idempotency-Key header cannot stand for several requests. Give each mutation its own ' +
        'key, as an argument or with @idempotent(key:).',
    );
  }
}
