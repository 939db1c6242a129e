import { IdempotencyError } from '../../core/errors.js';
import { possibleRootFieldsOf, type Operation } from './document.js';
import type { Values } from '../graphql-version.js';
import { argumentSource, defaultedBy, directiveSource } from '../arguments/key-source.js';
import type { KeyPlan } from './request-key.js';

/*
 * A key that a document gives to a variable by default is one key for every request that leaves the
 * variable out: the second intent would get the first one's answer.
 */

/** The variables of an operation whose default values put a key into one of its marked fields. */
export function defaultKeysIn(
  operation: Operation,
  plans: ReadonlyMap<string, KeyPlan>,
): readonly string[] {
  const { operation: definition } = operation;
  if (!definition.variableDefinitions?.some(({ defaultValue }) => defaultValue !== undefined)) {
    return [];
  }
  const names = new Set<string>();
  for (const node of [...possibleRootFieldsOf(operation).values()].flat()) {
    const plan = plans.get(node.name.value);
    if (plan === undefined) continue;
    const inArguments = plan.keyPaths.map((path) => argumentSource(plan.field, node, path));
    for (const source of [directiveSource(node), ...inArguments]) {
      const defaulted = defaultedBy(source, definition);
      if (defaulted !== undefined) names.add(defaulted.variable.name.value);
    }
  }
  return [...names];
}

/**
 * Refuses a request that leaves a variable out whose default value would be its key.
 *
 * @param defaulted - the variables whose default values would be keys
 * @throws IdempotencyError `IDEMPOTENCY_KEY_INVALID`
 */
export function refuseDefaultKeys(defaulted: readonly string[], raw: Values = {}): void {
  for (const name of defaulted) {
    if (Object.hasOwn(raw, name) && raw[name] !== undefined) continue;
    throw new IdempotencyError(
      'IDEMPOTENCY_KEY_INVALID',
      `The default value of $${name} is no idempotency key: it would be the same one for every ` +
        'request. Send the key as a variable.',
    );
  }
}
