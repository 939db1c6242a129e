import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { ApolloDriver, ApolloFederationDriver } from '@nestjs/apollo';
import { describeDoor } from './battery.js';
import { CodeFirstResolver } from './nest-code-first.js';
import { nestDoor } from './nest-door.js';
import { DateScalar, resolvers, SchemaFirstResolver, typeDefs } from './nest-schema-first.js';

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
]) {
  describeDoor(door, (payments) => payments);
}
