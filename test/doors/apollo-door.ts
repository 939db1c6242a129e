import { ApolloServer, HeaderMap } from '@apollo/server';
import { idempotencyPlugin } from '../../src/index.js';
import type { Door, DoorAnswer, DoorContext } from './door.js';

/** Apollo Server, handed what an HTTP framework would hand it. */
export const apolloDoor: Omit<Door, 'name'> = {
  hasHeaders: true,
  takesBatches: true,
  async start(schema, options) {
    const server = new ApolloServer<DoorContext>({
      schema,
      allowBatchedHttpRequests: true,
      stopOnTerminationSignals: false,
      plugins: [idempotencyPlugin<DoorContext>(options)],
    });
    await server.start();
    async function post(
      body: unknown,
      user: string,
      key: string | undefined,
    ): Promise<{ body: unknown; headers: HeaderMap }> {
      const headers = new HeaderMap([['content-type', 'application/json']]);
      if (key !== undefined) headers.set('idempotency-key', key);
      const response = await server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: {
          method: 'POST',
          search: '',
          headers,
          // As it arrives over HTTP: what is undefined is absent.
          body: JSON.parse(JSON.stringify(body)) as unknown,
        },
        context: () => Promise.resolve({ user }),
      });
      if (response.body.kind !== 'complete') throw new Error('The response came in parts.');
      return { body: JSON.parse(response.body.string), headers: response.headers };
    }
    return {
      async send({ query, variables, key, user = 'alice' }) {
        const { body, headers } = await post({ query, variables }, user, key);
        const replayedHeader = headers.get('idempotent-replayed') ?? null;
        return { body: body as DoorAnswer, replayedHeader };
      },
      async sendBatch(queries, key) {
        const { body } = await post(
          queries.map((query) => ({ query })),
          'alice',
          key,
        );
        return body as DoorAnswer[];
      },
      stop: () => server.stop(),
    };
  },
};
