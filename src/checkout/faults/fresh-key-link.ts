import { ApolloLink } from '@apollo/client/link';
import type { Atom } from '../atom.js';

/** The mistake: while the switch is on, every attempt gets a key of its own. */
export function freshKeyLink(freshKeys: Atom<boolean>): ApolloLink {
  return new ApolloLink((operation, forward) => {
    if (freshKeys.get()) operation.variables = { ...operation.variables, key: randomKey() };
    return forward(operation);
  });
}

function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
