import { ApolloClient, ApolloLink, InMemoryCache } from '@apollo/client';
import fc from 'fast-check';
import { parse, print } from 'graphql';
import { lastValueFrom, Observable } from 'rxjs';
import { IdempotencyLink } from '../../src/client/apollo/index.js';
import type { IdempotentField, IdempotentOperations } from '../../src/client/index.js';
import { idempotencyOf } from '../../src/index.js';
import { codes, sdl, startServer, type TestResponse, type TestServer } from '../graphql/apollo.js';
import { fuzzing } from '../support/fuzz.js';
import { documents, KEY_VARIABLES, type RandomDocument } from './documents.js';
import { generatedMap, problemsOf, SDL } from './generate.js';

const { timeoutMs, ...parameters } = fuzzing(400);
const ARGUMENT = 'token';
const KEY_REFUSALS = ['IDEMPOTENCY_KEY_AMBIGUOUS', 'IDEMPOTENCY_KEY_INVALID'];

const client = new ApolloClient({ link: ApolloLink.empty(), cache: new InMemoryCache() });
let server: TestServer;
let lastKey = 0;

beforeAll(async () => {
  const keyOf = (info: Parameters<typeof idempotencyOf>[0]): unknown => idempotencyOf(info)?.key;
  const resolve = (...[, , , info]: [unknown, unknown, unknown, never]): unknown => keyOf(info);
  const resolvers = {
    Payments: { __resolveType: () => 'Mutation' },
    Mutation: { pay: resolve, refund: resolve, book: resolve, ping: resolve, send: resolve },
    User: { name: (key: unknown) => key },
  };
  server = await startServer(sdl(SDL, resolvers), { argument: ARGUMENT });
});

afterAll(() => server.stop());

function newKey(): string {
  lastKey += 1;
  return `key-${lastKey}`;
}

/** The keys that the map wants, by response key: two selections of one mutation have two. */
function keysOf(
  fields: Readonly<Record<string, IdempotentField>>,
  key: string,
): Map<string, string> {
  const seen = new Set<string>();
  return new Map(
    Object.entries(fields).map(([responseKey, { mutation }]) => {
      const own = seen.has(mutation) ? `${key}.${responseKey}` : key;
      seen.add(mutation);
      return [responseKey, own];
    }),
  );
}

/** Sends what the link makes of operations to the server; the answers are kept as they came. */
function sending(answers: TestResponse[]): ApolloLink {
  return new ApolloLink(
    ({ query, variables, getContext }) =>
      new Observable((observer) => {
        const headers = getContext()['headers'] as Record<string, string> | undefined;
        void server.post(print(query), { variables, headers: headers ?? {} }).then((answer) => {
          answers.push(answer);
          observer.next({ data: null });
          observer.complete();
        });
      }),
  );
}

/** Sends an accepted document through the client's link, twice. */
async function checkAccepted({ text, values }: RandomDocument): Promise<void> {
  const map = await generatedMap(text, { config: { argument: ARGUMENT } });
  const operations = JSON.parse(map) as IdempotentOperations;
  const key = newKey();
  const keys = keysOf(operations['Op']?.fields ?? {}, key);
  const answers: TestResponse[] = [];
  const link = ApolloLink.from([
    new IdempotencyLink({ operations, generateKey: () => key }),
    sending(answers),
  ]);
  const request = { query: parse(text), variables: structuredClone(values) };
  for (const status of ['executed', 'replayed']) {
    await lastValueFrom(ApolloLink.execute(link, request, { client }));
    const body = answers.pop()?.body;
    expect(body?.errors).toBeUndefined();
    for (const [responseKey, value] of Object.entries(body?.data ?? {})) {
      const seen = typeof value === 'string' ? value : (value as { name: string }).name;
      expect([responseKey, seen]).toEqual([responseKey, keys.get(responseKey)]);
      expect(body?.extensions?.idempotency?.[responseKey]).toMatchObject({ status });
    }
  }
}

/** Sends a document with the header and a key of its own in each variable for keys. */
async function codesWithHeader({ text, values }: RandomDocument): Promise<unknown[]> {
  const variables: Record<string, unknown> = { ...values, on: true, off: false };
  for (const name of KEY_VARIABLES) variables[name] = newKey();
  return codes(await server.post(text, { variables, headers: { 'Idempotency-Key': newKey() } }));
}

it(
  'with what is generated the link brings every key to the server, which refuses what is not generated',
  async () => {
    const counts = { accepted: 0, ambiguous: 0, besideKeys: 0, other: 0 };
    await fc.assert(
      fc.asyncProperty(documents, async (document) => {
        const problems = await problemsOf(document.text, { config: { argument: ARGUMENT } });
        const say = (words: string): boolean => problems.some((line) => line.includes(words));
        if (problems.length === 0) {
          counts.accepted += 1;
          await checkAccepted(document);
        } else if (say('One Idempotency-Key header cannot stand for several requests')) {
          counts.ambiguous += 1;
          expect(await codesWithHeader(document)).toEqual(['IDEMPOTENCY_KEY_AMBIGUOUS']);
        } else if (say('needs the Idempotency-Key header, but')) {
          counts.besideKeys += 1;
          expect(KEY_REFUSALS).toContain((await codesWithHeader(document))[0]);
        } else counts.other += 1;
      }),
      parameters,
    );
    process.stdout.write(`${JSON.stringify(counts)}\n`);
    // Unless single cases are run again, every kind is among them.
    if (parameters.numRuns >= 100) expect(Object.values(counts)).not.toContain(0);
  },
  timeoutMs,
);
