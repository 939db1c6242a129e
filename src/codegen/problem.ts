import type { ASTNode } from 'graphql';

/** A problem that keeps an output from being generated. */
export interface Problem {
  /** Says what is wrong and what to do. */
  readonly message: string;
  /** The node with the problem; absent for the configuration or the schema. */
  readonly node?: ASTNode;
}
