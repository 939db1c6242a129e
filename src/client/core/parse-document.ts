import { parse, type DocumentNode } from 'graphql';

/** The document in a text; undefined if it cannot be parsed. */
export function parseDocument(text: string): DocumentNode | undefined {
  try {
    return parse(text, { noLocation: true });
  } catch {
    return undefined;
  }
}
