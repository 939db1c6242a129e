import fastify from 'fastify';
import { createClient } from 'graphql-ws';
import mercurius, { type MercuriusOptions } from 'mercurius';
import { WebSocket } from 'ws';
import { mercuriusIdempotency } from '../../src/mercurius/index.js';
import type { Door, DoorAnswer, DoorContext, StartedDoor } from './door.js';
import { postTo, userOf } from './http-client.js';

/** Fastify with Mercurius, as the battery starts it. */
export function mercuriusDoor(name: string, options: MercuriusOptions = {}): Door {
  return {
    name,
    hasHeaders: true,
    takesBatches: true,
    start: (schema, idempotency) =>
      startMercurius(
        {
          schema,
          allowBatchedQueries: true,
          context: ({ headers }): DoorContext => ({ user: userOf(headers.authorization) }),
          ...options,
        },
        idempotency,
        postTo,
      ),
  };
}

/** Mercurius where queries and mutations come over a WebSocket as well. */
export const mercuriusSocketDoor: Door = {
  name: 'Mercurius, over a WebSocket',
  hasHeaders: false,
  takesBatches: false,
  start: (schema, idempotency) =>
    startMercurius(
      {
        schema,
        subscription: {
          fullWsTransport: true,
          onConnect: ({ payload }: { payload: { authorization: string } }) => ({
            user: payload.authorization,
          }),
        },
      },
      idempotency,
      (url) => sendOverSocket(url),
    ),
};

async function startMercurius(
  options: MercuriusOptions,
  idempotency: Parameters<Door['start']>[1],
  clientOf: (url: string) => Pick<StartedDoor, 'send' | 'sendBatch'>,
): Promise<StartedDoor> {
  const app = fastify({ forceCloseConnections: true });
  await app.register(mercurius, options);
  await app.register(mercuriusIdempotency<DoorContext>, idempotency);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { ...clientOf(url), stop: () => app.close() };
}

/** Sends operations with the protocol of graphql-ws. */
export function sendOverSocket(url: string, path = '/graphql'): Pick<StartedDoor, 'send'> {
  return {
    async send({ query, variables, user = 'alice' }) {
      const client = createClient({
        url: `${url.replace('http', 'ws')}${path}`,
        webSocketImpl: WebSocket,
        connectionParams: { authorization: user },
        retryAttempts: 0,
      });
      try {
        const request = { query, ...(variables === undefined ? {} : { variables }) };
        for await (const body of client.iterate(request)) {
          return { body: body as DoorAnswer, replayedHeader: null };
        }
        throw new Error('The operation ended without a result.');
      } catch (error) {
        // What Mercurius refuses before it executes, such as a document that is not valid.
        if (Array.isArray(error)) return { body: { errors: error }, replayedHeader: null };
        throw error;
      } finally {
        await client.dispose();
      }
    },
  };
}
