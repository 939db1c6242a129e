import type { ComplexityEstimatorArgs } from 'graphql-query-complexity';
import { PAGE_SIZE } from './page-size.js';

/** A look into the ledger, in units of a field that is only read from an object. */
export const LOOKUP = 10;

/** A transaction of the ledger: twenty of them are as much as a document may cost. */
export const TRANSACTION = 250;

/** A page of a list: every item costs what is selected in it. */
export function pageCost({ args, childComplexity }: ComplexityEstimatorArgs): number {
  const { first } = args as { readonly first: number | null };
  // One that is out of range is refused by the resolver, and must not lower the cost of others.
  return 10 * LOOKUP + Math.max(first ?? PAGE_SIZE.usual, 1) * childComplexity;
}
