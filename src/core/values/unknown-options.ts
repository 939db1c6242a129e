/** The names of options, as keys, so that the compiler finds the ones that are missing. */
export type OptionNames<TOptions extends object> = Readonly<Record<keyof TOptions, true>>;

/**
 * Finds misspelled names: without types, they would leave their options at the defaults.
 *
 * @returns one sentence per name that has a value and that `names` lacks
 */
export function unknownOptionProblems(
  options: object,
  names: Readonly<Record<string, true>>,
): string[] {
  return Object.entries(options)
    .filter(([name, value]) => value != null && !Object.hasOwn(names, name))
    .map(([name]) => `There is no option ${JSON.stringify(name)}.`);
}

/**
 * Refuses misspelled names.
 *
 * @param of - the function or class whose options they are
 * @throws TypeError that lists them
 */
export function refuseUnknownOptions(
  of: string,
  options: object,
  names: Readonly<Record<string, true>>,
): void {
  const problems = unknownOptionProblems(options, names);
  if (problems.length > 0) throw new TypeError(`${of}: ${problems.join(' ')}`);
}
