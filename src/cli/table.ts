/** Lines of cells in columns as wide as their widest cell; numbers stand to the right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  bold: (text: string) => string,
): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const numeric = head.map((_, column) =>
    rows.every((row) => /^-?[\d. ]*$/.test(row[column] ?? '')),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return numeric[column] === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [bold(line(head)), ...rows.map(line)];
}

/** Names and values, one pair a line. */
export function pairs(
  rows: readonly (readonly [name: string, value: string])[],
  bold: (text: string) => string,
): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${bold(name.padEnd(width))}  ${value}`);
}
