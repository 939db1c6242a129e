import { createRequire } from 'node:module';
import type { Type } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { describeDoor } from './battery.js';
import type { DoorContext } from './door.js';
import { CodeFirstResolver } from './nest-code-first.js';
import { nestDoor } from './nest-door.js';
import { DateScalar, resolvers, SchemaFirstResolver, typeDefs } from './nest-schema-first.js';

interface Params {
  readonly authorization: string;
}

/** Loaded without its types: they declare another shape of `extensions.http` than Apollo's. */
const { YogaDriver } = createRequire(__filename)('@graphql-yoga/nestjs') as { YogaDriver: Type };

/** Of a WebSocket, whose client says who it is when it connects. */
const context = ({ connectionParams }: { connectionParams: Params }): DoorContext => ({
  user: connectionParams.authorization,
});

const graphql = { driver: YogaDriver, batching: true };
const codeFirst = { ...graphql, autoSchemaFile: true };

for (const door of [
  nestDoor('Nest over Yoga, code-first', codeFirst, [CodeFirstResolver]),
  nestDoor('Nest over Yoga, schema-first', { ...graphql, typeDefs, resolvers }, [
    SchemaFirstResolver,
    DateScalar,
  ]),
  nestDoor('Nest over Yoga on Fastify', codeFirst, [CodeFirstResolver], {
    createAdapter: () => new FastifyAdapter({ forceCloseConnections: true }),
  }),
  nestDoor(
    'Nest over Yoga, over a WebSocket',
    { ...codeFirst, subscriptions: true, context },
    [CodeFirstResolver],
    { isSocket: true },
  ),
]) {
  describeDoor(door, (payments) => payments);
}
