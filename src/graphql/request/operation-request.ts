import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';

/** An operation that a server is about to execute. */
export interface OperationRequest {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Variables as they were sent. */
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  /** The context value of this operation alone: what runs its fields is attached to it. */
  readonly context: object;
  /** The value of a request header, if there was a request with headers. */
  readonly headerOf: (name: string) => string | null | undefined;
  /** Whether it shares its request, and so its headers, with other operations. */
  readonly isBatched: boolean;
  /** Whether the result of the execution will be given to `MarkedOperation.finish`. */
  readonly capturesResponses: boolean;
}
