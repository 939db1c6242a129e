import type { IncomingHttpHeaders, RequestListener, ServerResponse } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/http';
import type { Idempotency } from 'graphql-idempotency';

type Context = { user: string; headers: IncomingHttpHeaders; response: ServerResponse };

/** Serves a schema that the started Idempotency was applied to. */
export function serveGraphqlHttp(schema: GraphQLSchema, idempotency: Idempotency): RequestListener {
  const handle = createHandler<Context>({
    schema,
    context: ({ headers, context: { res } }) => ({
      user: (headers as IncomingHttpHeaders).authorization ?? '',
      headers: headers as IncomingHttpHeaders,
      response: res,
    }),
    async execute(args) {
      const { headers, response } = args.contextValue as Context;
      const answer = await idempotency.execute(args, { headers });
      for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
      return answer.result;
    },
  });
  return (request, response) => void handle(request, response);
}
