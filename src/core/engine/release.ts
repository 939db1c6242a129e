import type { EngineContext } from './context.js';
import type { Holding } from './holding.js';
import type { Steps } from './steps.js';
import type { ReleaseMode, ReleaseReply } from '../record/store.js';

/** Gives a claim up, in the background if the store is away. */
export function release(
  { store, persistence, events }: EngineContext,
  { request, begin, lease }: Holding<unknown>,
  mode: ReleaseMode,
  steps: Pick<Steps, 'settled'>,
): Promise<ReleaseReply | undefined> {
  const { recordId, owner } = begin;
  lease.stop();
  const give = async (): Promise<ReleaseReply> => {
    // A released record takes no more steps, and the next attempt would run them again.
    await steps.settled();
    return store.release({ recordId, owner, mode });
  };
  const failed = (error: unknown): void => {
    const { operation } = request;
    events.listener?.({ type: 'storeFailure', operation, recordId, error });
  };
  return persistence.persist(give, {
    essential: true,
    onFirstFailure: failed,
    onGivenUp: failed,
  });
}
