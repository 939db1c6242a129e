import type {
  DocumentNode,
  FormattedExecutionResult,
  GraphQLError,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql';

/**
 * A plugin of Apollo Server, by what it uses of the server's own types: whoever runs another server
 * compiles without the package `@apollo/server`. It is assignable to `ApolloServerPlugin`.
 */
export interface IdempotencyPlugin<in TContext extends object = object> {
  /** Checks and wraps the schema, and checks the store. */
  serverWillStart(server: ApolloServerLike): Promise<IdempotencyServerListener>;
  /** Takes care of one operation. */
  requestDidStart(
    request: ApolloRequestLike<TContext>,
  ): Promise<IdempotencyRequestListener<TContext>>;
}

/** Hooks of a server's life. Apollo Server calls them. */
export interface IdempotencyServerListener {
  /** Checks and wraps a schema that comes later. */
  schemaDidLoadOrUpdate(schema: { readonly apiSchema: GraphQLSchema }): void;
  /** Waits for what is in flight. */
  drainServer(): Promise<void>;
  /** Closes the store. */
  serverWillStop(): Promise<void>;
}

/** The hook of an operation's execution. Apollo Server calls it. */
export interface IdempotencyExecutionListener {
  /** Keeps the whole response, or puts one in that was kept. */
  executionDidEnd(): Promise<void>;
}

/** Hooks of an operation's life. Apollo Server calls them. */
export interface IdempotencyRequestListener<in TContext extends object = object> {
  /** Refuses what concerns the whole operation. */
  didResolveOperation(request: ApolloRequestLike<TContext>): Promise<void>;
  /** Keeps and puts in what belongs to marked mutations. */
  executionDidStart(): Promise<IdempotencyExecutionListener | undefined>;
  /** Says in the response what became of them. */
  willSendResponse(sent: {
    readonly response: ApolloResponseLike;
    readonly requestIsBatched: boolean;
  }): Promise<void>;
}

/** The part of a server that is used. */
export interface ApolloServerLike {
  readonly schema: GraphQLSchema;
}

/** The part of a request that is used. */
export interface ApolloRequestLike<out TContext extends object> {
  readonly schema: GraphQLSchema;
  readonly document?: DocumentNode;
  readonly operation?: OperationDefinitionNode;
  readonly request: {
    readonly variables?: Readonly<Record<string, unknown>>;
    readonly http?: {
      readonly headers: {
        /** The value of a header, by its name in lower case. */
        get(name: string): string | undefined;
      };
    };
  };
  readonly contextValue: TContext;
  readonly response: ApolloResponseLike;
  readonly errors?: readonly GraphQLError[];
  readonly requestIsBatched: boolean;
}

/** The part of a response that is used. It has no body until its execution has ended. */
export interface ApolloResponseLike {
  readonly http: {
    status?: number;
    readonly headers: {
      /** Sets a header, by its name in lower case. */
      set(name: string, value: string): unknown;
    };
  };
  readonly body?:
    | {
        readonly kind: 'single';
        readonly singleResult: FormattedExecutionResult<Record<string, unknown>>;
      }
    | {
        readonly kind: 'incremental';
        readonly initialResult: { extensions?: Record<string, unknown> };
      };
}
