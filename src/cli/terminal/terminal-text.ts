/** The characters without a glyph of their own. */
const BLANK = String.raw`[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\u2800]`;

/**
 * The characters that a mark can stand on; without one the mark would be drawn over the character
 * before.
 */
const BASE = String.raw`(?!${BLANK})[\p{L}\p{N}\p{M}]`;

/**
 * Characters that a terminal obeys, hides, or draws over others: controls (C0, DEL, C1), format
 * characters (bidirectional controls, zero-width characters, tags), separators of lines and
 * paragraphs, lone surrogates, marks without a letter, and every space but the plain one.
 */
const UNSAFE = String.raw`${BLANK}|(?<!${BASE})\p{M}+|(?! )\p{Zs}`;

/**
 * Beside {@link UNSAFE}: every space but a single one between two words. Columns are set apart by
 * spaces, and a value that has runs of them could pass for several columns or lines.
 */
const UNSAFE_IN_TEXT = new RegExp(`${UNSAFE}|(?<=^| ) | $`, 'gu');

/** A line feed in JSON is layout: within strings there are none. */
const UNSAFE_IN_JSON = new RegExp(`(?!\\n)(?:${UNSAFE})`, 'gu');

/** A value that JSON can represent. */
export type Json = object | string | number | boolean | null;

/**
 * Text that a terminal may be given. Only this file makes it: by {@link text}, which escapes whatever
 * is not written in the source, and by {@link json}. A record, a server or an argument can therefore
 * neither move the cursor nor forge a line nor hide anything.
 */
export class TerminalText {
  readonly #content: string;

  private constructor(content: string) {
    this.#content = content;
  }

  /** See {@link text}. */
  static ofTemplate(
    literals: TemplateStringsArray,
    values: readonly (TerminalText | string | number)[],
  ): TerminalText {
    const [first = '', ...others] = literals;
    const parts = others.map((literal, index) => {
      const value = values[index] ?? '';
      return (value instanceof TerminalText ? value.#content : escaped(String(value))) + literal;
    });
    return new TerminalText(first + parts.join(''));
  }

  /** See {@link json}. */
  static ofJson(value: Json, indent: number): TerminalText {
    const content = JSON.stringify(value, undefined, indent);
    return new TerminalText(content.replaceAll(UNSAFE_IN_JSON, jsonEscape));
  }

  /** Texts with `separator` between them. */
  static join(texts: readonly TerminalText[], separator: ' ' | '  ' | '\n'): TerminalText {
    return new TerminalText(texts.map((one) => one.#content).join(separator));
  }

  /** The approximate width in columns: a wide character counts as one. */
  get width(): number {
    return this.#content.length;
  }

  padEnd(width: number): TerminalText {
    return new TerminalText(this.#content.padEnd(width));
  }

  padStart(width: number): TerminalText {
    return new TerminalText(this.#content.padStart(width));
  }

  trimEnd(): TerminalText {
    return new TerminalText(this.#content.trimEnd());
  }

  /** In bold letters. Its {@link width} is wrong from then on. */
  bold(): TerminalText {
    return new TerminalText(`\u001b[1m${this.#content}\u001b[0m`);
  }

  toString(): string {
    return this.#content;
  }
}

/**
 * A template for terminals: what is written in the source stays as it is, what is put in is escaped
 * unless it is terminal text already: an ESC becomes six visible characters.
 */
export function text(
  literals: TemplateStringsArray,
  ...values: readonly (TerminalText | string | number)[]
): TerminalText {
  return TerminalText.ofTemplate(literals, values);
}

/**
 * JSON for terminals and programs: what a terminal would obey is escaped within the strings, so that
 * a parser reads exactly what was given.
 *
 * @param indent - unset: all in one line
 */
export function json(value: Json, indent = 0): TerminalText {
  return TerminalText.ofJson(value, indent);
}

function escaped(untrusted: string): string {
  return untrusted.replaceAll(UNSAFE_IN_TEXT, (run) =>
    Array.from(run, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`).join(''),
  );
}

function jsonEscape(run: string): string {
  return Array.from(
    { length: run.length },
    (_, index) => `\\u${run.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}
