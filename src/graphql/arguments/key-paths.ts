import type { IdempotencyPolicyOptions } from '../../core/options/options.js';
import {
  defaultsInside,
  defaultSupplies,
  isKeyType,
  typeAt,
  type ArgumentPath,
} from './argument-path.js';
import type { MarkedField } from '../schema/marked-fields.js';

const DEFAULT_KEY_PATHS: readonly ArgumentPath[] = [
  ['idempotencyKey'],
  ['input', 'idempotencyKey'],
];

/**
 * The places among a marked field's arguments that may carry its key.
 *
 * @param defaults - what holds where the mark itself says nothing
 * @param problems - receives what is wrong with these places
 */
export function keyPathsOf(
  mark: MarkedField,
  defaults: Pick<IdempotencyPolicyOptions, 'argument'>,
  problems: string[],
): readonly ArgumentPath[] {
  const paths = pathsOf(mark, defaults, problems);
  for (const path of paths) {
    if (!hasDefaultKey(mark, path)) continue;
    problems.push(
      `${mark.operation}: the schema gives "${path.join('.')}" a default value, which would be one ` +
        'key for every request. Remove it.',
    );
  }
  return paths;
}

function pathsOf(
  { field, operation, policy }: MarkedField,
  defaults: Pick<IdempotencyPolicyOptions, 'argument'>,
  problems: string[],
): readonly ArgumentPath[] {
  const asked = (policy.argument ?? defaults.argument)?.split('.');
  const type = asked && typeAt(field, asked);
  // The plugin's `argument` speaks for every mutation that has it, a directive's for its own.
  if (asked !== undefined && (type !== undefined || policy.argument != null)) {
    if (type === undefined) {
      problems.push(`${operation} has no argument "${asked.join('.')}" to take the key from.`);
    } else if (!isKeyType(type)) {
      problems.push(`${operation}: "${asked.join('.')}" must be a String or an ID to carry a key.`);
    }
    return [asked];
  }
  return DEFAULT_KEY_PATHS.filter((path) => {
    const found = typeAt(field, path);
    return found !== undefined && isKeyType(found);
  });
}

/** Whether the schema gives a key to requests that have none. */
function hasDefaultKey({ field }: MarkedField, [name, ...rest]: ArgumentPath): boolean {
  const argument = field.args.find((each) => each.name === name);
  if (argument === undefined) return false;
  return defaultSupplies(argument, rest) || defaultsInside(argument.type, rest);
}
