import { FastifyAdapter } from '@nestjs/platform-fastify';
import { MercuriusDriver } from '@nestjs/mercurius';
import { describeDoor } from './battery.js';
import type { DoorContext } from './door.js';
import { CodeFirstResolver } from './nest-code-first.js';
import { nestDoor } from './nest-door.js';
import { DateScalar, resolvers, SchemaFirstResolver, typeDefs } from './nest-schema-first.js';

const graphql = {
  driver: MercuriusDriver,
  allowBatchedQueries: true,
  context: ({ headers }: { headers: { authorization?: string } }): DoorContext => ({
    user: headers.authorization ?? '',
  }),
};
const host = { createAdapter: () => new FastifyAdapter({ forceCloseConnections: true }) };

for (const door of [
  nestDoor(
    'Nest over Mercurius, code-first',
    { ...graphql, autoSchemaFile: true },
    [CodeFirstResolver],
    host,
  ),
  nestDoor(
    'Nest over Mercurius, schema-first',
    { ...graphql, typeDefs, resolvers },
    [SchemaFirstResolver, DateScalar],
    host,
  ),
  nestDoor(
    'Nest over Mercurius with its JIT compiler',
    { ...graphql, autoSchemaFile: true, jit: 1 },
    [CodeFirstResolver],
    host,
  ),
]) {
  describeDoor(door, (payments) => payments);
}
