import { setTimeout as sleep } from 'node:timers/promises';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLFieldResolver, GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import {
  idempotencyOf,
  idempotentTypeDefs,
  type Execution,
  type Recover,
} from '../../../src/index.js';
import type { Receipt } from '../history.js';
import { echoOf, type Operation } from '../record.js';
import type { OpenTransaction, WorkerLine } from '../provider.js';
import { commitResolvers } from './commits.js';
import { instructions, reach } from './instructions.js';
import type { ProviderClient } from './provider-client.js';
import type { Yardstick } from './yardsticks.js';

/** The context of a worker's request. */
export interface WorkerContext {
  /** The effect that a resolver has left to the commit around it. */
  transaction?: OpenTransaction;
  readonly scope: string;
  /** The key in the client's header. Only yardsticks read it. */
  readonly key: string;
}

/** The arguments of a worker's mutations. */
export interface Arguments {
  readonly amount: number;
}

/** A resolver of a worker's mutations. */
export type Resolver = GraphQLFieldResolver<unknown, WorkerContext, Arguments, Promise<unknown>>;

/**
 * One mutation for each behaviour after a crash.
 *
 * - `hold`: a retry is told that the outcome is unknown; the effect is sent without a downstream key
 * - `rerun`: a retry runs again, and the provider deduplicates
 * - `recovered`: a retry asks the provider for the charge of the first attempt
 * - `stepped`: a retry runs the steps that are not recorded yet, each with an effect of its own
 * - `booked`: a retry runs again, and effect and outcome are committed in one transaction
 * - the others: as `hold` and `rerun`, but a commit around the resolver makes the effect
 */
const typeDefs = /* GraphQL */ `
  type Receipt {
    charge: String!
    echo: String!
    attempt: Int!
    seal: String
  }
  type Query {
    ping: Boolean
  }
  type Mutation {
    hold(amount: Int!): Receipt @idempotent
    rerun(amount: Int!): Receipt @idempotent(onCrash: RERUN)
    recovered(amount: Int!): Receipt @idempotent
    stepped(amount: Int!): Receipt @idempotent(onCrash: RERUN)
    row(amount: Int!): Receipt @idempotent
    instance(amount: Int!): Receipt @idempotent
    rerunRow(amount: Int!): Receipt @idempotent(onCrash: RERUN)
    rerunInstance(amount: Int!): Receipt @idempotent(onCrash: RERUN)
    booked(amount: Int!): Receipt @idempotent(onCrash: RERUN)
  }
`;

/** Options of the schema of a worker. */
export interface SchemaOptions {
  readonly provider: ProviderClient;
  readonly booked: Resolver;
  readonly blockMs: number;
  /** A seeded bug: steps are known by the order in which they are run, not by their names. */
  readonly stepsByOrder: boolean;
}

/** Runs the effect of an execution; returns what was charged. */
type Effect = (execution: Execution, line: WorkerLine) => Promise<string>;

const STEPS = [1, 2, 3, 4, 5];

/** Builds the schema of a worker. */
export function createSchema({
  provider,
  booked,
  blockMs,
  stepsByOrder,
}: SchemaOptions): GraphQLSchema {
  const resolver =
    (operation: Operation, effect: Effect) =>
    async (_: unknown, args: Arguments, context: WorkerContext, info: GraphQLResolveInfo) => {
      const execution = executionIn(info);
      const line = lineOf(operation, args, context, execution);
      const current = instructions.getStore();
      if (current !== undefined) current.line = line;
      await reach('before-effect', blockMs);
      if (current !== undefined && current.delayMs > 0) await sleep(current.delayMs);
      const made = await effect(execution, line);
      await reach('after-effect', blockMs);
      return { charge: made, echo: line.echo, attempt: execution.attempt } satisfies Receipt;
    };
  const charge =
    (label: string | null): Effect =>
    async (execution, line) => {
      const downstreamKey = label === null ? null : execution.downstreamKey(label);
      return (await provider.charge(line, downstreamKey)).chargeId;
    };

  /** A later attempt takes the steps in another order: what counts is their names. */
  const chargeInSteps: Effect = async (execution, line) => {
    const order = execution.attempt % 2 === 1 ? STEPS : STEPS.toReversed();
    const charges = new Map<string, string>();
    for (const [position, number] of order.entries()) {
      const step = String(number);
      const chargeStep = async (): Promise<string> => {
        const chargeId = await charge(`step ${step}`)(execution, { ...line, step });
        await reach(`step-${step}-ran`, blockMs);
        return `${step}:${chargeId}`;
      };
      const name = stepsByOrder ? String(position) : step;
      charges.set(step, await execution.step(name, chargeStep));
      await reach(`step-${step}-recorded`, blockMs);
    }
    return STEPS.map((step) => charges.get(String(step))).join();
  };

  return makeExecutableSchema({
    typeDefs: [idempotentTypeDefs, typeDefs],
    resolvers: {
      Mutation: {
        hold: resolver('hold', charge(null)),
        rerun: resolver('rerun', charge('charge')),
        recovered: resolver('recovered', charge('charge')),
        stepped: resolver('stepped', chargeInSteps),
        ...commitResolvers(provider, blockMs),
        booked,
      },
    },
  });
}

/** Builds the schema of a worker whose `hold` is protected by a yardstick. */
export function createYardstickSchema(
  provider: ProviderClient,
  yardstick: Yardstick,
  blockMs: number,
): GraphQLSchema {
  const hold = (_: unknown, { amount }: Arguments, { scope, key }: WorkerContext) =>
    yardstick.protect({ scope, key, amount }, async () => {
      const identity = { scope, operation: 'hold', key } as const;
      const echo = echoOf(identity, amount);
      await reach('before-effect', blockMs);
      const line = { ...identity, step: '', echo, attempt: 1, fence: 0, worker: process.pid };
      const { chargeId } = await provider.charge(line, null);
      await reach('after-effect', blockMs);
      return { charge: chargeId, echo, attempt: 1 };
    });
  return makeExecutableSchema({
    typeDefs: [idempotentTypeDefs, typeDefs],
    resolvers: { Mutation: { hold } },
  });
}

/** Settles an unknown outcome of `recovered` with the charge that the provider has. */
export function recoverFrom(provider: ProviderClient): Recover<WorkerContext> {
  return async ({ key, scope, args, downstreamKey }) => {
    const charge = await provider.lookUp(downstreamKey('charge'));
    if (charge === null) return 'RERUN';
    const { chargeId, attempt } = charge;
    const echo = echoOf({ scope, operation: 'recovered', key }, Number(args['amount']));
    return { value: { charge: chargeId, echo, attempt } satisfies Receipt };
  };
}

/** The execution of a marked mutation. */
export function executionIn(info: GraphQLResolveInfo): Execution {
  const execution = idempotencyOf(info);
  if (execution === undefined) throw new Error('The resolver runs outside of an execution.');
  return execution;
}

/** The line of an execution in the provider's ledger. */
export function lineOf(
  operation: Operation,
  { amount }: Arguments,
  { scope }: WorkerContext,
  { key, attempt, fence }: Execution,
): WorkerLine {
  const identity = { scope, operation, key };
  const echo = echoOf(identity, amount);
  return { ...identity, step: '', echo, attempt, fence, worker: process.pid };
}
