import { optionProblems } from '../../core/options/option-problems.js';
import { OPTION_ROWS } from '../../core/options/option-table.js';
import type { IdempotencyPolicyOptions, Recover } from '../../core/options/options.js';
import { IDEMPOTENT } from './directive.js';
import { nameProblems } from './marks.js';

/** The policy of a mutation, as decorators take it. */
export interface IdempotentOptions<TContext> extends IdempotencyPolicyOptions {
  /** Settles unknown outcomes; the plugin's option of this name comes before it. */
  readonly recover?: Recover<TContext> | undefined;
}

/** Arguments that are enum values in SDL; all others are written as JSON. */
const ENUM_OPTIONS = new Set(
  OPTION_ROWS.filter(([, { kind }]) => kind === 'choice').map(([name]) => name),
);

/**
 * The options of a decorator, without those that are undefined.
 *
 * @throws Error when an option is unknown or out of range
 */
export function checkedPolicy(options: IdempotencyPolicyOptions): IdempotencyPolicyOptions {
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  );
  const problems = [...nameProblems({ args: given }), ...optionProblems(given)];
  if (problems.length > 0) throw new Error(`@Idempotent: ${problems.join(' ')}`);
  return given;
}

/** The directive that says the same, in SDL. */
export function directiveUse(policy: IdempotencyPolicyOptions): string {
  const args = Object.entries(policy).map(([name, value]) => {
    const text = ENUM_OPTIONS.has(name) ? String(value) : JSON.stringify(value);
    return `${name}: ${text}`;
  });
  return `@${IDEMPOTENT}${args.length === 0 ? '' : `(${args.join(', ')})`}`;
}
