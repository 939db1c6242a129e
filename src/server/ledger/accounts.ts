import { LedgerInputError, type AccountRecord } from './records.js';
import { all, first, lock, type Work } from './work.js';

const NAME_LENGTH_MAX = 60;
const COLUMNS = 'id, owner, currency, name, balance';

/** The accounts of an owner. */
export function* accountsOf(owner: string): Work<readonly AccountRecord[]> {
  const sql = `SELECT ${COLUMNS} FROM accounts WHERE owner = ? ORDER BY id`;
  return (yield* all(sql, owner)) as unknown as readonly AccountRecord[];
}

/** An account of anybody but the bank. */
export function* findAccount(id: string): Work<AccountRecord | undefined> {
  const sql = `SELECT ${COLUMNS} FROM accounts WHERE id = ? AND owner <> 'bank'`;
  return (yield* first(sql, id)) as AccountRecord | undefined;
}

/**
 * The caller's account.
 *
 * @throws LedgerInputError alike for an account of somebody else and one that does not exist
 */
export function* ownAccount(owner: string, id: string): Work<AccountRecord> {
  const account = yield* findAccount(id);
  if (account?.owner !== owner) throw new LedgerInputError(`You have no account "${id}".`);
  return account;
}

/** Keeps two accounts as they are until the transaction ends; in one order, so that no two wait for each other. */
export function* lockAccounts(one: string, other: string): Work<void> {
  yield* lock('SELECT id FROM accounts WHERE id IN (?, ?) ORDER BY id', one, other);
}

/**
 * Renames the caller's account.
 *
 * @throws LedgerInputError
 */
export function* renameAccount(owner: string, id: string, name: string): Work<AccountRecord> {
  if (name !== name.trim() || name.length === 0 || name.length > NAME_LENGTH_MAX) {
    throw new LedgerInputError(
      `The name must have 1 to ${NAME_LENGTH_MAX} characters, and no space at its ends.`,
    );
  }
  yield* ownAccount(owner, id);
  yield* all('UPDATE accounts SET name = ? WHERE id = ?', name, id);
  return yield* ownAccount(owner, id);
}
