import type { ApolloServerOptionsWithSchema } from '@apollo/server';
import type { GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import { MemoryStore, type IdempotencyOptions, type IdempotencyStore } from '../../src/index.js';
import {
  codes,
  sdl,
  startServer,
  type TestContext,
  type TestResponse,
  type TestServer,
} from '../graphql/apollo.js';
import { startHttpServer, type HttpServer } from '../graphql/http.js';

/** A resolver of a test, whatever its arguments. */
export type Resolver = (
  source: unknown,
  args: never,
  context: TestContext,
  info: GraphQLResolveInfo,
) => unknown;

/** The traces of a test's server. */
export interface Traces {
  /** The mutations whose resolvers were entered, in order. */
  readonly runs: string[];
  /** The calls of the store, in order. */
  readonly asked: string[];
  /** The bytes of every outcome that was stored. */
  readonly stored: Uint8Array[];
}

/** A server under test. */
export interface Subject extends TestServer, Traces {}

/** A server under test behind a real socket. */
export interface HttpSubject extends HttpServer, Traces {}

/** Options of a subject. */
export interface SubjectOptions {
  readonly typeDefs: string;
  /** By mutation; each run is traced. */
  readonly mutations: Readonly<Record<string, Resolver>>;
  /** All other resolvers. */
  readonly types?: Readonly<Record<string, unknown>>;
  readonly options?: Partial<IdempotencyOptions<TestContext>>;
  readonly apollo?: Partial<ApolloServerOptionsWithSchema<TestContext>>;
}

/** Starts a server that tells what its resolvers and its store did. */
export async function startSubject(made: SubjectOptions): Promise<Subject> {
  const traces = noTraces();
  const server = await startServer(schemaOf(made, traces), optionsOf(made, traces), made.apollo);
  return { ...server, ...traces };
}

/** Starts such a server behind a real socket. */
export async function startHttpSubject(made: SubjectOptions): Promise<HttpSubject> {
  const traces = noTraces();
  const server = await startHttpServer(
    schemaOf(made, traces),
    optionsOf(made, traces),
    made.apollo,
  );
  return { ...server, ...traces };
}

function noTraces(): Traces {
  return { runs: [], asked: [], stored: [] };
}

function schemaOf({ typeDefs, mutations, types }: SubjectOptions, { runs }: Traces): GraphQLSchema {
  const traced = Object.entries(mutations).map(([name, resolve]): [string, Resolver] => [
    name,
    (...call) => {
      runs.push(name);
      return resolve(...call);
    },
  ]);
  return sdl(typeDefs, { ...types, Mutation: Object.fromEntries(traced) });
}

function optionsOf(
  { options }: SubjectOptions,
  traces: Traces,
): Partial<IdempotencyOptions<TestContext>> {
  return { ...options, store: traced(options?.store ?? new MemoryStore(), traces) };
}

/** The same store, and a trace of every question that can change a record. */
function traced(store: IdempotencyStore, { asked, stored }: Traces): IdempotencyStore {
  return {
    name: store.name,
    begin: (request) => {
      asked.push('begin');
      return store.begin(request);
    },
    peek: (request) => store.peek(request),
    complete: (request) => {
      asked.push('complete');
      stored.push(new Uint8Array(request.payload));
      return store.complete(request);
    },
    renew: (request) => store.renew(request),
    step: (request) => {
      asked.push('step');
      return store.step(request);
    },
    release: (request) => {
      asked.push('release');
      return store.release(request);
    },
    watch: (recordId, onChange) => store.watch(recordId, onChange),
    ping: () => store.ping(),
    check: (timeoutMs) => store.check(timeoutMs),
    close: () => store.close(),
  };
}

/** Refused, and neither resolver nor store was reached. */
export function expectUntouched(
  { runs, asked }: Traces,
  response: TestResponse,
  code: string,
): void {
  expect(codes(response)).toEqual([code]);
  expect({ runs, asked }).toEqual({ runs: [], asked: [] });
}

/** The status of a field, from the response's extensions. */
export function statusOf(response: TestResponse, field: string): unknown {
  return response.body.extensions?.idempotency?.[field]?.['status'];
}

/** An `Idempotency-Key` header. */
export function withKey(key: string): { headers: Record<string, string> } {
  return { headers: { 'idempotency-key': key } };
}
