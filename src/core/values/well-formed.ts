/** Whether a string is free of halves of surrogate pairs, for which UTF-8 has no bytes. */
export function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}
