import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DoorAnswer, StartedDoor } from './door.js';

/** Lets a server listen on a free port. @returns its address */
export async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

/** Who the header `Authorization` of these tests names. */
export function userOf(authorization: string | null | undefined): string {
  return authorization ?? '';
}

/** Sends operations, one or several in a request, over HTTP. */
export function postTo(url: string): Required<Pick<StartedDoor, 'send' | 'sendBatch'>> {
  const post = async (body: unknown, user: string, key: string | undefined): Promise<Response> =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: user,
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
    });
  return {
    async send({ query, variables, key, user = 'alice' }) {
      const response = await post({ query, variables }, user, key);
      const body = (await response.json()) as DoorAnswer;
      return { body, replayedHeader: response.headers.get('idempotent-replayed') };
    },
    async sendBatch(queries, key) {
      const response = await post(
        queries.map((query) => ({ query })),
        'alice',
        key,
      );
      return (await response.json()) as DoorAnswer[];
    },
  };
}
