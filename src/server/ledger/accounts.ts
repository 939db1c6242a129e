import type { Database } from './database.js';
import { LedgerInputError, type AccountRecord } from './records.js';

const NAME_LENGTH_MAX = 60;
const COLUMNS = 'id, owner, currency, name, balance';

/** The accounts of the ledger. Callers see and change only their own. */
export interface Accounts {
  ofOwner(owner: string): AccountRecord[];
  find(id: string): AccountRecord | undefined;
  /**
   * The caller's account.
   *
   * @throws LedgerInputError alike for an account of somebody else and one that does not exist
   */
  own(owner: string, id: string): AccountRecord;
  /** @throws LedgerInputError */
  rename(owner: string, id: string, name: string): AccountRecord;
}

/** The accounts in a database. */
export function createAccounts(database: Database): Accounts {
  const find = (id: string): AccountRecord | undefined =>
    database.first(`SELECT ${COLUMNS} FROM accounts WHERE id = ? AND owner <> 'bank'`, id) as
      AccountRecord | undefined;

  function own(owner: string, id: string): AccountRecord {
    const account = find(id);
    if (account?.owner !== owner) throw new LedgerInputError(`You have no account "${id}".`);
    return account;
  }

  return {
    ofOwner: (owner) =>
      database.all(
        `SELECT ${COLUMNS} FROM accounts WHERE owner = ? ORDER BY id`,
        owner,
      ) as AccountRecord[],
    find,
    own,
    rename(owner, id, name) {
      if (name !== name.trim() || name.length === 0 || name.length > NAME_LENGTH_MAX) {
        throw new LedgerInputError(
          `The name must have 1 to ${NAME_LENGTH_MAX} characters, and no space at its ends.`,
        );
      }
      return database.transact(() => {
        own(owner, id);
        database.run('UPDATE accounts SET name = ? WHERE id = ?', name, id);
        return own(owner, id);
      });
    },
  };
}
