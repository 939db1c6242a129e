import { randomUUID } from 'node:crypto';
import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import type { Receipt } from '../history.js';
import { COMMIT_OPERATIONS, type CommitOperation } from '../record.js';
import { instructions, reach } from './instructions.js';
import type { ProviderClient } from './provider-client.js';
import { executionIn, lineOf, type Resolver } from './schema.js';

/** A result as an ORM makes it: a class instance without plain data. */
class ReceiptInstance {
  readonly #receipt: Receipt;

  constructor(receipt: Receipt) {
    this.#receipt = receipt;
  }

  get charge(): string {
    return this.#receipt.charge;
  }

  get echo(): string {
    return this.#receipt.echo;
  }

  get attempt(): number {
    return this.#receipt.attempt;
  }

  /** A different one for each call, so that a replay that calls it is found. */
  seal(): string {
    return randomUUID();
  }
}

/** Resolvers that leave their effect to the commit around them. */
export function commitResolvers(
  provider: ProviderClient,
  blockMs: number,
): Record<CommitOperation, Resolver> {
  const resolver =
    (operation: CommitOperation, reruns: boolean, give: (receipt: Receipt) => object): Resolver =>
    async (_, args, context, info) => {
      const execution = executionIn(info);
      const line = lineOf(operation, args, context, execution);
      const current = instructions.getStore();
      if (current !== undefined) current.line = line;
      await reach('before-effect', blockMs);
      const downstreamKey = reruns ? execution.downstreamKey('charge') : null;
      const known = downstreamKey === null ? null : await provider.lookUp(downstreamKey);
      const chargeId = known?.chargeId ?? randomUUID();
      context.transaction = { line, downstreamKey, chargeId };
      await reach('after-effect', blockMs);
      return give({ charge: chargeId, echo: line.echo, attempt: execution.attempt });
    };
  const row = (receipt: Receipt): Receipt => ({ ...receipt, seal: randomUUID() });
  const instance = (receipt: Receipt): object => new ReceiptInstance(receipt);
  return {
    row: resolver('row', false, row),
    instance: resolver('instance', false, instance),
    rerunRow: resolver('rerunRow', true, row),
    rerunInstance: resolver('rerunInstance', true, instance),
  };
}

/**
 * Puts a commit around what the resolvers are now, as a schema transformer does. A replay, whose
 * resolver has not run, commits nothing, but can fail there as well.
 */
export function addCommits(schema: GraphQLSchema, provider: ProviderClient, blockMs: number): void {
  const fields = schema.getMutationType()?.getFields();
  for (const operation of COMMIT_OPERATIONS) {
    const field = fields?.[operation];
    if (field === undefined) throw new Error(`There is no mutation ${operation}.`);
    const { resolve = defaultFieldResolver } = field;
    const committing: Resolver = async (source, args, context, info) => {
      const result: unknown = await resolve(source, args, context, info);
      await reach('before-commit', blockMs);
      if (context.transaction !== undefined) await provider.commit(context.transaction);
      await reach('committed', blockMs);
      return result;
    };
    field.resolve = committing as typeof resolve;
  }
}
