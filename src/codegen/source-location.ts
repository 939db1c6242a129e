import { readFileSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { getLocation, Source, visit, type ASTNode, type DocumentNode } from 'graphql';

/** A document and the file that it came from. */
export interface SourceDocument {
  readonly location?: string | undefined;
  readonly document: DocumentNode;
  /** Whether its operations are somebody else's. */
  readonly isExternal: boolean;
}

/**
 * The location of a node, as `file:line:column` of the file that a person would open: the lines of a
 * document inside a program are counted from the start of the program. As much of it as is known.
 */
export function locationOf(node: ASTNode, documents: readonly SourceDocument[]): string {
  const home = documents.find(({ document }) => contains(document, node));
  const file = home?.location;
  const { loc } = node;
  if (loc === undefined) return file === undefined ? '' : shown(file);
  const { source, start } = loc;
  const text = file === undefined ? undefined : textOf(file);
  const position = text === undefined ? undefined : positionIn(text, source.body, start);
  if (text !== undefined && position !== undefined) {
    const { line, column } = getLocation(new Source(text), position);
    return `${shown(file ?? '')}:${line}:${column}`;
  }
  const { line, column } = getLocation(source, start);
  const { locationOffset: offset } = source;
  const shift = line === 1 ? offset.column - 1 : 0;
  return `${shown(file ?? source.name)}:${line + offset.line - 1}:${column + shift}`;
}

function contains(document: DocumentNode, wanted: ASTNode): boolean {
  let found = false;
  visit(document, {
    enter(node) {
      found ||= node === wanted;
      return found ? false : undefined;
    },
  });
  return found;
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // A document of the configuration itself, or of a server: its own lines have to do.
    return undefined;
  }
}

/** Relative to where the generator runs, if it is below. */
function shown(file: string): string {
  const path = relative(process.cwd(), resolve(file));
  return path.startsWith('..') || isAbsolute(path) ? file : path;
}

/** The location of the character at `position` of a document, in the file that holds the document. */
function positionIn(text: string, body: string, position: number): number | undefined {
  const start = text.indexOf(body);
  if (start !== -1) return start + position;
  for (let tick = text.indexOf('`'); tick !== -1; tick = text.indexOf('`', tick + 1)) {
    const found = alignedPosition(text, tick + 1, body, position);
    if (found !== undefined) return found;
  }
  return undefined;
}

const INTERPOLATION = /\$\{[^}]*\}/y;

/**
 * The same for a template literal whose content begins at `start`; `undefined` if it is another
 * one. Code generators drop its interpolations and unescape its backticks.
 */
function alignedPosition(
  text: string,
  start: number,
  body: string,
  position: number,
): number | undefined {
  let at = start;
  let found: number | undefined;
  for (let index = 0; index <= body.length; index += 1) {
    for (;;) {
      INTERPOLATION.lastIndex = at;
      const skipped = INTERPOLATION.exec(text)?.[0];
      if (skipped === undefined) break;
      at += skipped.length;
    }
    if (index === position) found = at;
    if (index === body.length) return text[at] === '`' ? found : undefined;
    if (text.startsWith('\\`', at) && body[index] === '`') at += 2;
    else if (text[at] === body[index]) at += 1;
    else return undefined;
  }
  return undefined;
}
