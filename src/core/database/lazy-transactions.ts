import type { ExecuteRequest } from '../engine/execute-request.js';
import type { Execution } from '../engine/execution.js';
import type { Lease } from '../engine/lease.js';
import type { EngineContext } from '../engine/context.js';
import type { BeginRequest, Claimed } from '../record/store.js';
import type { TransactionOwner } from './transaction.js';
import { Transactions } from './transactions.js';

/** The transactions of an execution, as a resolver begins them. */
export interface LazyTransactions extends Pick<Execution, 'transaction'> {
  /** The resolver runs again under the same claim, and uses the same names. */
  again(): void;
  /** From now on no transaction begins. */
  end(): void;
}

/** A request that holds its record. */
interface Holding {
  readonly request: ExecuteRequest<unknown>;
  readonly begin: BeginRequest;
  readonly claim: Claimed;
  readonly lease: Lease;
}

/** Transactions that are created by the first one: most resolvers have none. */
export function createLazyTransactions(context: EngineContext, holding: Holding): LazyTransactions {
  let transactions: Transactions | undefined;
  let ended = false;
  return {
    transaction(database, body, options) {
      transactions ??= new Transactions(ownerOf(context, holding));
      if (ended) transactions.end();
      return transactions.run(database, body, options);
    },
    again() {
      transactions?.again();
    },
    end() {
      ended = true;
      transactions?.end();
    },
  };
}

function ownerOf(
  { clock, cipher, events }: EngineContext,
  { request, begin, claim, lease }: Holding,
): TransactionOwner {
  const { operation, fingerprint, stepCodec: codec } = request;
  const { waitMs, leaseMs, ttlMs } = request.policy;
  const { recordId, owner } = begin;
  const { fence, attempt } = claim;
  return {
    ...{ operation, recordId, fingerprint, owner, fence, attempt, waitMs, leaseMs, ttlMs },
    ...{ signal: lease.signal, codec, cipher, clock, random: Math.random, events },
  };
}
