import { endOfAnswer, endOfError } from '../attempts/attempt-end.js';
import type { AttemptEnd, AttemptLog } from '../attempts/attempt-log.js';
import type { CreatePaymentMutationVariables } from '../generated/graphql.js';

/**
 * A `fetch` that notes the payments that the queue sends by itself, and how that ends.
 *
 * @param onEnd - told after each of these attempts
 */
export function laterFetch(log: AttemptLog, send: typeof fetch, onEnd: () => void): typeof fetch {
  return async (...request) => {
    const { input, key } = variablesOf(request[1]);
    // The queue sends nothing by itself while the client is sending it, which `attemptLink` has noted.
    if (typeof key !== 'string' || log.isSending(key)) return send(...request);
    const { amount, reference = null } = input;
    const id = log.sent({ id: key, amount, reference }, key);
    const end = (how: AttemptEnd): void => {
      log.ended(id, how);
      onEnd();
    };
    try {
      const response = await send(...request);
      end(endOfAnswer((await response.clone().json()) as Parameters<typeof endOfAnswer>[0]));
      return response;
    } catch (error) {
      end(endOfError(error));
      throw error;
    }
  };
}

function variablesOf(init: RequestInit | undefined): CreatePaymentMutationVariables {
  const body = JSON.parse(init?.body as string) as { variables: CreatePaymentMutationVariables };
  return body.variables;
}
