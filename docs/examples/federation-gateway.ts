import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer, HeaderMap, type ApolloServerPlugin } from '@apollo/server';
import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** What the subgraphs said of one client request, by its context. */
const replies = new WeakMap<object, Replies>();

interface Replies {
  /** How many mutations were sent to subgraphs, and how many of them came back as replays. */
  sent: number;
  replayed: number;
  /** What became of each marked field, by the response key that the client chose. */
  readonly fields: Map<string, unknown>;
}

/** Takes the key and the caller along to a subgraph, and the replay marks back. */
export function idempotentDataSource(url: string): RemoteGraphQLDataSource {
  return new RemoteGraphQLDataSource({
    url,
    willSendRequest(options) {
      if (!('incomingRequestContext' in options)) return;
      const { request, context, incomingRequestContext: incoming } = options;
      const forward = (name: string): void => {
        const value = incoming.request.http?.headers.get(name);
        if (value != null) request.http?.headers.set(name, value);
      };
      forward('authorization');
      // What is below the root is fetched by queries, which have no use for a key.
      const isRoot = options.pathInIncomingRequest?.length === 0;
      if (!isRoot || incoming.operation.operation !== OperationTypeNode.MUTATION) return;
      forward('idempotency-key');
      const reply = replies.get(context);
      if (reply !== undefined) reply.sent += 1;
    },
    didReceiveResponse({ response, context }) {
      const reply = replies.get(context);
      if (reply === undefined) return response;
      if (response.http?.headers.get('idempotent-replayed') === 'true') reply.replayed += 1;
      const fields: unknown = response.extensions?.['idempotency'];
      for (const field of Object.entries(fields ?? {})) reply.fields.set(...field);
      return response;
    },
  });
}

/** Puts the replay marks on the gateway's response, and refuses a key that means two things. */
export function replayMarks(): ApolloServerPlugin {
  return {
    requestDidStart({ contextValue }) {
      const reply: Replies = { sent: 0, replayed: 0, fields: new Map() };
      replies.set(contextValue, reply);
      return Promise.resolve({
        didResolveOperation({ request, requestIsBatched, document, operation }) {
          if (operation?.operation !== OperationTypeNode.MUTATION) return Promise.resolve();
          if (!request.http?.headers.has('idempotency-key')) return Promise.resolve();
          // A subgraph cannot see this: it may get the parts in requests of their own.
          if (requestIsBatched || selectsTwice(document, operation)) throw ambiguousKey();
          return Promise.resolve();
        },
        willSendResponse({ response, requestIsBatched }) {
          if (reply.fields.size > 0 && response.body.kind === 'single') {
            const { singleResult } = response.body;
            const idempotency = Object.fromEntries(reply.fields);
            singleResult.extensions = { ...singleResult.extensions, idempotency };
          }
          if (reply.sent > 0 && reply.replayed === reply.sent && !requestIsBatched) {
            response.http.headers.set('idempotent-replayed', 'true');
          }
          return Promise.resolve();
        },
      });
    },
  };
}

/** Whether a document selects one mutation under two response keys. */
function selectsTwice(document: DocumentNode, { selectionSet }: OperationDefinitionNode): boolean {
  const names = new Map<string, string>();
  const seen = new Set<string>();
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        names.set((selection.alias ?? selection.name).value, selection.name.value);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet);
      } else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        for (const definition of document.definitions) {
          if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
          if (definition.name.value === selection.name.value) collect(definition.selectionSet);
        }
      }
    }
  };
  collect(selectionSet);
  return new Set(names.values()).size < names.size;
}

function ambiguousKey(): GraphQLError {
  return new GraphQLError('One Idempotency-Key header cannot stand for several requests.', {
    extensions: {
      code: 'IDEMPOTENCY_KEY_AMBIGUOUS',
      retryable: false,
      http: { status: 200, headers: new HeaderMap() },
    },
  });
}

export function gatewayServer(supergraphSdl: string): ApolloServer {
  return new ApolloServer({
    gateway: new ApolloGateway({
      supergraphSdl,
      buildService: ({ url = '' }) => idempotentDataSource(url),
    }),
    plugins: [replayMarks()],
  });
}
