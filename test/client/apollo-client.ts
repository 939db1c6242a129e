import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';

/** A request as a client sent it. */
export interface SentRequest {
  readonly headers: Headers;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** An Apollo Client and what it has sent. */
export interface TestClient {
  readonly client: ApolloClient;
  readonly sent: readonly SentRequest[];
}

/** A client of a server on this machine, with `links` before the one that sends. */
export function createApolloClient(
  port: number,
  links: readonly ApolloLink[],
  headers: Readonly<Record<string, string>> = {},
): TestClient {
  const sent: SentRequest[] = [];
  const http = new HttpLink({
    uri: `http://127.0.0.1:${String(port)}/`,
    headers: { ...headers },
    fetch(uri, init) {
      const body = JSON.parse(init?.body as string) as Pick<SentRequest, 'query' | 'variables'>;
      sent.push({ headers: new Headers(init?.headers), ...body });
      return fetch(uri, init);
    },
  });
  const client = new ApolloClient({
    link: ApolloLink.from([...links, http]),
    cache: new InMemoryCache(),
  });
  return { client, sent };
}
