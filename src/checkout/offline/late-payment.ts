import type { CombinedGraphQLErrors } from '@apollo/client/errors';
import type { CreatePaymentMutation } from '../generated/graphql.js';

/** A payment that was over after the call that asked for it: the queue has sent it again. */
export interface LatePayment {
  /** The key of its intent. */
  readonly key: string;
  /** The server's answer; undefined if it was given up, because the server may have forgotten it. */
  readonly answer: LateAnswer | undefined;
}

/** An answer as the server gave it. */
export interface LateAnswer {
  readonly data?: CreatePaymentMutation | null;
  readonly errors?: CombinedGraphQLErrors['errors'];
  readonly extensions?: Record<string, unknown>;
}
