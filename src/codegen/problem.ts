import type { ASTNode } from 'graphql';

/** What keeps an output from being generated. */
export interface Problem {
  /** Says what is wrong and what to do. */
  readonly message: string;
  /** Where; absent for what concerns the configuration or the schema. */
  readonly node?: ASTNode;
}
