import { ApolloServer } from '@apollo/server';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse, type GraphQLSchema } from 'graphql';
import {
  idempotencyPlugin,
  idempotentTypeDefs,
  type IdempotencyOptions,
} from 'graphql-idempotency';
import { RedisStore } from 'graphql-idempotency/redis';
import type { Redis } from 'ioredis';
import { gatewayServer } from '../../docs/examples/federation-gateway.js';
import { paymentsSchema, type PaymentsContext } from '../../docs/examples/federation-subgraph.js';
import { codes } from '../graphql/apollo.js';
import { SERVICE } from '../support/redis-keys.js';
import { useRedis } from '../support/use-redis.js';
import {
  compose,
  createEffectLog,
  serveAccounts,
  serveGateway,
  servePayments,
  type Gateway,
  type Served,
} from './graph.js';

describe('a supergraph', () => {
  const log = createEffectLog();
  const redis = useRedis();
  let running: Served[];

  beforeAll(() => {
    jest.spyOn(console, 'info').mockImplementation(() => undefined);
  });
  beforeEach(() => {
    log.effects.length = 0;
    running = [];
  });
  afterEach(async () => {
    for (const served of running.toReversed()) await served.stop();
  });

  async function start(
    starting: Readonly<Record<string, Promise<Served>>>,
  ): Promise<{ gateway: Gateway; supergraphSdl: string; hints: string[] }> {
    const subgraphs: Record<string, Served> = {};
    for (const [name, served] of Object.entries(starting)) {
      running.push((subgraphs[name] = await served));
    }
    const { supergraphSdl, hints } = await compose(subgraphs);
    const gateway = await serveGateway(gatewayServer(supergraphSdl));
    running.push(gateway);
    return { gateway, supergraphSdl, hints };
  }

  function subgraph(
    client: Redis,
    schema: GraphQLSchema,
    options: Partial<IdempotencyOptions<PaymentsContext>> = {},
  ): ApolloServer<PaymentsContext> {
    const store = new RedisStore(client, { service: SERVICE });
    return new ApolloServer<PaymentsContext>({
      schema,
      plugins: [idempotencyPlugin({ store, scope: ({ user }) => user, ...options })],
    });
  }

  const BY_CLIENT = 'mutation { pay(amount: 5) @idempotent(key: "k1") { id } }';
  const PAY = 'mutation { pay(amount: 5) { id } }';

  describe('whose clients send @idempotent(key:)', () => {
    it('has it where every subgraph defines it alike, without a hint', async () => {
      const { gateway, supergraphSdl, hints } = await start({
        payments: servePayments(log, redis.url),
        accounts: serveAccounts(log),
      });
      expect(hints).toEqual([]);
      expect(supergraphSdl).toMatch(/directive @idempotent\(key: String, .*\) on FIELD\n/);
      expect(supergraphSdl).not.toContain('@idempotent(waitMs: 0)');
      expect((await gateway.post(BY_CLIENT)).body.errors).toBeUndefined();
    });

    it('has it where the others define no more than a client needs', async () => {
      const { gateway, supergraphSdl, hints } = await start({
        payments: servePayments(log, redis.url),
        accounts: serveAccounts(log, 'directive @idempotent(key: String) on FIELD'),
      });
      expect(new Set(hints)).toEqual(
        new Set(['INCONSISTENT_ARGUMENT_PRESENCE', 'UNUSED_ENUM_TYPE']),
      );
      expect(supergraphSdl).toContain('directive @idempotent(key: String) on FIELD\n');
      expect((await gateway.post(BY_CLIENT)).body.errors).toBeUndefined();
    });

    it('does not have it where one subgraph does not define it; header and argument go on', async () => {
      const { gateway, hints } = await start({
        payments: servePayments(log, redis.url),
        accounts: serveAccounts(log, ''),
      });
      expect(hints).toContain('INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE');
      const refused = await gateway.post(BY_CLIENT);
      expect([refused.status, refused.body.errors?.[0]?.message]).toEqual([
        400,
        'Unknown directive "@idempotent".',
      ]);
      expect(log.effects).toEqual([]);
      await gateway.post(PAY, { key: 'by-header' });
      const byArgument = 'mutation { pay(amount: 5, idempotencyKey: "by-header") { id } }';
      const second = await gateway.post(byArgument);
      expect(second.headers.get('idempotent-replayed')).toBe('true');
      expect(log.effects).toEqual(['pay 5']);
    });
  });

  it('that keeps the uses in the schema by @composeDirective has no directive for clients', async () => {
    const typeDefs = `
      extend schema
        @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@composeDirective"])
        @link(url: "https://example.com/idempotent/v1.0", import: ["@idempotent"])
        @composeDirective(name: "@idempotent")
      type Query { ping: String }
      type Mutation { pay(amount: Int!): Int @idempotent(ttlSeconds: 60) }
    `;
    const resolvers = { Mutation: { pay: () => log.effects.push('pay') } };
    const { gateway, supergraphSdl } = await start({
      payments: servePayments(log, redis.url, (client) =>
        subgraph(
          client,
          buildSubgraphSchema([
            parse(idempotentTypeDefs),
            { typeDefs: parse(typeDefs), resolvers },
          ]),
        ),
      ),
      accounts: serveAccounts(log),
    });
    expect(supergraphSdl).toContain('@idempotent(ttlSeconds: 60)');
    const refused = await gateway.post('mutation { pay(amount: 5) @idempotent(key: "k3") }');
    expect(refused.body.errors?.[0]?.message).toBe('Unknown directive "@idempotent".');
    await gateway.post('mutation { pay(amount: 5) }', { key: 'k3' });
    const second = await gateway.post('mutation { pay(amount: 5) }', { key: 'k3' });
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(log.effects).toEqual(['pay']);
  });

  it('of a subgraph with httpStatus: true buries what the subgraph said', async () => {
    const { gateway } = await start({
      payments: servePayments(log, redis.url, (client) =>
        subgraph(client, paymentsSchema, { httpStatus: true }),
      ),
      accounts: serveAccounts(log),
    });
    await gateway.post(PAY, { key: 'k2' });
    const refused = await gateway.post('mutation { pay(amount: 6) { id } }', { key: 'k2' });
    expect(refused.status).toBe(200);
    expect(codes(refused)).toEqual(['INTERNAL_SERVER_ERROR']);
    expect(refused.body.errors?.[0]).toMatchObject({
      message: '422: Unprocessable Entity',
      extensions: {
        response: {
          status: 422,
          body: { errors: [{ extensions: { code: 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH' } }] },
        },
      },
    });
    // What the gateway does not understand it does not hand on.
    expect(refused.body.extensions).toBeUndefined();
  });
});
