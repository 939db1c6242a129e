import { USERS, type UserName } from '../ledger/tables.js';

/** The caller that `Authorization: Bearer <name>` names, or null. */
export function callerOf(authorization: string | undefined): UserName | null {
  const name = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  return USERS.find((user) => user === name) ?? null;
}
