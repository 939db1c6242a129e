/** A heading and what stands below it. */
export function section(title: string, ...parts: readonly string[]): string {
  return [title, ...parts].join('\n\n');
}

/**
 * A table; one without rows says that nothing was measured. Its first `words` columns hold words,
 * the others figures.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  words = 1,
): string {
  if (rows.length === 0) return 'Not measured.';
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = head.map((_, column) => (column < words ? '---' : '--:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
