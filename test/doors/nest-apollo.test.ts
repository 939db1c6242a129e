import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { ApolloDriver, ApolloFederationDriver } from '@nestjs/apollo';
import { describeDoor } from './battery.js';
import type { DoorContext } from './door.js';
import { CodeFirstResolver } from './nest-code-first.js';
import { nestDoor } from './nest-door.js';
import { DateScalar, resolvers, SchemaFirstResolver, typeDefs } from './nest-schema-first.js';

interface Params {
  readonly authorization: string;
}

/** Of a WebSocket, whose client says who it is when it connects. */
const context = ({ connectionParams }: { connectionParams: Params }): DoorContext => ({
  user: connectionParams.authorization,
});

/** A subgraph says so on the console otherwise. */
const plugins = [ApolloServerPluginInlineTraceDisabled()];
const schemaFirst = [SchemaFirstResolver, DateScalar];

for (const door of [
  nestDoor('Nest over Apollo Server, code-first', { driver: ApolloDriver, autoSchemaFile: true }, [
    CodeFirstResolver,
  ]),
  nestDoor(
    'Nest over Apollo Server, schema-first',
    { driver: ApolloDriver, typeDefs, resolvers },
    schemaFirst,
  ),
  nestDoor(
    'a Nest subgraph, code-first',
    { driver: ApolloFederationDriver, autoSchemaFile: { federation: 2 }, plugins },
    [CodeFirstResolver],
  ),
  nestDoor(
    'a Nest subgraph, schema-first',
    { driver: ApolloFederationDriver, typeDefs, resolvers, plugins },
    schemaFirst,
  ),
  nestDoor(
    'Nest over Apollo Server, over a WebSocket',
    { driver: ApolloDriver, autoSchemaFile: true, subscriptions: { 'graphql-ws': true }, context },
    [CodeFirstResolver],
    { isSocket: true },
  ),
]) {
  describeDoor(door, (payments) => payments);
}
