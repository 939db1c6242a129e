import type { LedgerDatabase } from './ledger/ledger-database.js';
import type { UserName } from './ledger/tables.js';
import type { CardProcessor } from './processor.js';

/** The context of the resolvers. */
export interface ServerContext {
  /** Null when the request names no caller, or one that nobody knows. */
  readonly caller: UserName | null;
  readonly ledger: LedgerDatabase;
  readonly processor: CardProcessor;
}

/** The context of a request that has passed `@Authorized()`. */
export interface CallerContext extends ServerContext {
  readonly caller: UserName;
}
