import { createLazyTransactions } from '../database/lazy-transactions.js';
import type { BeginRequest, Claimed } from '../record/store.js';
import { executionOf } from './attempt-handle.js';
import type { EngineContext } from './context.js';
import type { ExecuteRequest } from './execute-request.js';
import type { Execution } from './execution.js';
import type { Lease } from './lease.js';
import { createLazySteps, createSteps, type Steps } from './steps.js';

/** A request that holds its record. */
export interface UnitsOwner {
  readonly request: ExecuteRequest<unknown>;
  readonly begin: BeginRequest;
  readonly claim: Claimed;
  readonly lease: Lease;
}

/** What a resolver is given, and the steps and transactions that it may begin. */
export interface Units {
  readonly steps: Steps;
  readonly execution: Execution;
  /** The resolver runs again under the same claim, and uses the same names. */
  readonly again: () => void;
  /** From now on none begins. */
  readonly end: () => void;
}

/** Opens the units of one claimed execution. */
export function openUnits(context: EngineContext, owner: UnitsOwner): Units {
  const { request, begin, claim, lease } = owner;
  const steps = createLazySteps(() =>
    createSteps(context, request.operation, begin, claim, lease, request.stepCodec),
  );
  const transactions = createLazyTransactions(context, owner);
  return {
    steps,
    execution: executionOf(request, claim, lease, { ...steps, ...transactions }),
    again: () => {
      steps.again();
      transactions.again();
    },
    end: () => {
      steps.end();
      transactions.end();
    },
  };
}
