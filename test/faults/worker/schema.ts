import { setTimeout as sleep } from 'node:timers/promises';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import {
  idempotencyOf,
  idempotentTypeDefs,
  type Execution,
  type Recover,
} from '../../../src/index.js';
import type { Receipt } from '../history.js';
import { echoOf, type Operation } from '../record.js';
import type { WorkerLine } from '../provider.js';
import { instructions, reach } from './instructions.js';
import type { ProviderClient } from './provider-client.js';

/** The context of a worker's request. */
export interface WorkerContext {
  readonly scope: string;
}

interface Arguments {
  readonly amount: number;
}

/**
 * One mutation for each thing a mutation can say about crashes.
 *
 * - `hold`: a retry is told that the outcome is unknown; the effect is sent without a downstream key
 * - `rerun`: a retry runs again, and the provider deduplicates
 * - `recovered`: a retry asks the provider what became of the first attempt
 */
const typeDefs = /* GraphQL */ `
  type Receipt {
    chargeId: ID!
    echo: String!
    attempt: Int!
  }
  type Query {
    ping: Boolean
  }
  type Mutation {
    hold(amount: Int!): Receipt @idempotent
    rerun(amount: Int!): Receipt @idempotent(onCrash: RERUN)
    recovered(amount: Int!): Receipt @idempotent
  }
`;

/** Builds the schema of a worker. */
export function createSchema(provider: ProviderClient, blockMs: number): GraphQLSchema {
  const resolver =
    (operation: Operation, deduplicated: boolean) =>
    async (_: unknown, args: Arguments, context: WorkerContext, info: GraphQLResolveInfo) => {
      const execution = executionIn(info);
      const line = lineOf(operation, args, context, execution);
      const current = instructions.getStore();
      if (current !== undefined) current.line = line;
      await reach('before-effect', blockMs);
      if (current !== undefined && current.delayMs > 0) await sleep(current.delayMs);
      const { chargeId } = await provider.charge(
        line,
        deduplicated ? execution.downstreamKey('charge') : null,
      );
      await reach('after-effect', blockMs);
      return { chargeId, echo: line.echo, attempt: execution.attempt } satisfies Receipt;
    };

  return makeExecutableSchema({
    typeDefs: [idempotentTypeDefs, typeDefs],
    resolvers: {
      Mutation: {
        hold: resolver('hold', false),
        rerun: resolver('rerun', true),
        recovered: resolver('recovered', true),
      },
    },
  });
}

/** Settles an unknown outcome of `recovered` by what the provider knows. */
export function recoverFrom(provider: ProviderClient): Recover<WorkerContext> {
  return async ({ key, scope, args, downstreamKey }) => {
    const charge = await provider.lookUp(downstreamKey('charge'));
    if (charge === null) return 'RERUN';
    const { chargeId, attempt } = charge;
    const echo = echoOf({ scope, operation: 'recovered', key }, Number(args['amount']));
    return { value: { chargeId, echo, attempt } satisfies Receipt };
  };
}

function executionIn(info: GraphQLResolveInfo): Execution {
  const execution = idempotencyOf(info);
  if (execution === undefined) throw new Error('The resolver runs outside of an execution.');
  return execution;
}

function lineOf(
  operation: Operation,
  { amount }: Arguments,
  { scope }: WorkerContext,
  { key, attempt, fence }: Execution,
): WorkerLine {
  const identity = { scope, operation, key };
  const echo = echoOf(identity, amount);
  return { ...identity, step: '', echo, attempt, fence, worker: process.pid };
}
