import { optionProblems } from '../core/options/option-problems.js';
import type { Problem } from './problem.js';

/**
 * Options of the code generator plugin. Each repeats an option of the server's `idempotencyPlugin`
 * and is only needed where that one is set.
 */
export interface IdempotencyCodegenConfig {
  /**
   * The argument that carries the key, for every mutation that has it and whose directive names no
   * other: a name or a path such as `input.requestId`. Unset: `idempotencyKey`, else
   * `input.idempotencyKey`.
   */
  readonly argument?: string | undefined;
  /**
   * The largest number of idempotent mutations in one operation: 1 to 1 000.
   * @defaultValue 10
   */
  readonly fieldsMax?: number | undefined;
  /**
   * The retention of outcomes for which the schema names none, in seconds: 1 to 34 560 000.
   * @defaultValue 86 400
   */
  readonly ttlSeconds?: number | undefined;
}

const OPTIONS: readonly string[] = [
  'argument',
  'fieldsMax',
  'ttlSeconds',
] satisfies (keyof IdempotencyCodegenConfig)[];

/**
 * Checks the options.
 *
 * @param merged - with what the file and the whole configuration share with other plugins
 * @param own - what was written for this plugin alone: only there an unknown name is a mistake
 */
export function configProblems(merged: unknown, own: unknown): Problem[] {
  const { argument, fieldsMax, ttlSeconds } = (merged ?? {}) as Readonly<Record<string, unknown>>;
  const problems = optionProblems({ argument, fieldsMax, ttlSeconds });
  if (own != null && (typeof own !== 'object' || Array.isArray(own))) {
    problems.push(`The options must be names and values, not ${JSON.stringify(own)}.`);
  } else {
    for (const name of Object.keys(own ?? {})) {
      if (OPTIONS.includes(name)) continue;
      problems.push(`There is no option "${name}"; there are ${listed(OPTIONS)}.`);
    }
  }
  return problems.map((message) => ({ message }));
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
