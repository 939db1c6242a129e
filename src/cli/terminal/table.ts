import { text, TerminalText } from './terminal-text.js';

/** The content of a cell: text is escaped unless it is terminal text already. */
type Content = TerminalText | string | number;

/** Lines of columns as wide as their widest content; numbers stand to the right. */
export function table(
  head: readonly Content[],
  rows: readonly (readonly Content[])[],
  bold: (line: TerminalText) => TerminalText,
): TerminalText[] {
  const lines = [head, ...rows].map((row) => head.map((_, column) => text`${row[column] ?? ''}`));
  const widths = head.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.width ?? 0)),
  );
  const numeric = head.map((_, column) =>
    lines.slice(1).every((line) => /^-?[\d. ]*$/.test(String(line[column]))),
  );
  const [title, ...others] = lines.map((line) =>
    TerminalText.join(
      line.map((content, column) => {
        const width = widths[column] ?? 0;
        return numeric[column] === true ? content.padStart(width) : content.padEnd(width);
      }),
      '  ',
    ).trimEnd(),
  );
  return [...(title === undefined ? [] : [bold(title)]), ...others];
}

/** Names and values, one pair a line. */
export function pairs(
  rows: readonly (readonly [name: Content, value: Content])[],
  bold: (name: TerminalText) => TerminalText,
): TerminalText[] {
  const names = rows.map(([name]) => text`${name}`);
  const width = Math.max(...names.map((name) => name.width));
  return rows.map(([, value], index) => {
    const name = names[index] ?? text``;
    return text`${bold(name.padEnd(width))}  ${value}`;
  });
}
