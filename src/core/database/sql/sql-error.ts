/** The reason of a database's refusal, as far as it matters here. */
export type SqlFailure =
  /** The transaction lost against another one and is rolled back: running it again may succeed. */
  | 'conflict'
  /** A lock was not to be had in time. */
  | 'lockTimeout'
  /** The table of outcomes, or a column of it, does not exist. */
  | 'missingTable'
  /** The database takes no writes: a replica, or a read-only transaction. */
  | 'readOnly'
  /** The SQL is of another dialect. */
  | 'syntax'
  /** A unique index refused a row. */
  | 'duplicate'
  /** The database answered with another error, so that what it was asked for did not happen. */
  | 'refused'
  /** It did not answer, or not clearly: what it was asked for may have happened. */
  | 'unclear';

/** SQLSTATEs of PostgreSQL, and of others that use the standard's. */
const BY_STATE: Readonly<Record<string, SqlFailure>> = {
  '40000': 'conflict',
  '40001': 'conflict',
  '40P01': 'conflict',
  '55P03': 'lockTimeout',
  '42P01': 'missingTable',
  '42703': 'missingTable',
  '3F000': 'missingTable',
  '25006': 'readOnly',
  '42601': 'syntax',
  '42883': 'syntax',
  '23505': 'duplicate',
};

/** Error numbers of MySQL and MariaDB. */
const BY_NUMBER: Readonly<Record<number, SqlFailure>> = {
  1213: 'conflict',
  1020: 'conflict',
  1205: 'lockTimeout',
  3572: 'lockTimeout',
  1146: 'missingTable',
  1054: 'missingTable',
  1049: 'missingTable',
  1290: 'readOnly',
  1792: 'readOnly',
  1836: 'readOnly',
  1064: 'syntax',
  1193: 'syntax',
  1062: 'duplicate',
  // The server is going away or the connection is: nothing is known about a commit.
  1053: 'unclear',
  1077: 'unclear',
  1079: 'unclear',
  1152: 'unclear',
  1184: 'unclear',
  1927: 'unclear',
};

/** Codes of SQLite, without what comes behind the second underscore. */
const BY_SQLITE_CODE: Readonly<Record<string, SqlFailure>> = {
  SQLITE_BUSY: 'conflict',
  SQLITE_LOCKED: 'conflict',
  SQLITE_READONLY: 'readOnly',
  SQLITE_IOERR: 'unclear',
};

/** Looks like a SQLSTATE; those of PL/pgSQL begin with P0. */
const PRISMA_CODE = /^P[1-6]\d{3}$/;

/** Codes of Prisma that say more than the error below them, which it may hide. */
const BY_PRISMA_CODE: Readonly<Record<string, SqlFailure>> = {
  P2034: 'conflict',
  P2028: 'refused',
};

/** Classes of SQLSTATEs that do not tell whether a commit happened: connections, resources, crashes. */
const UNCLEAR_CLASSES = /^(08|53|57|58|XX)/;

/** The properties in which libraries put the error of the driver. */
const INNER = [
  'cause',
  'original',
  'parent',
  'driverError',
  'previous',
  'originalError',
  'meta',
  'driverAdapterError',
];
const DEPTH_MAX = 8;

/**
 * The reason for which a statement or a commit failed. Libraries wrap what their driver threw, so
 * everything an error carries is looked at, the outermost first.
 */
export function sqlFailureOf(error: unknown): SqlFailure {
  return failureIn(error, 0) ?? 'unclear';
}

function failureIn(error: unknown, depth: number): SqlFailure | undefined {
  if (typeof error !== 'object' || error === null || depth > DEPTH_MAX) return undefined;
  const fields = error as Readonly<Record<string, unknown>>;
  const own = ownFailure(fields);
  if (own !== undefined) return own;
  for (const name of INNER) {
    const inner = failureIn(fields[name], depth + 1);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function ownFailure(fields: Readonly<Record<string, unknown>>): SqlFailure | undefined {
  const { errno, message } = fields;
  for (const name of ['code', 'originalCode', 'sqlState', 'sqlstate']) {
    const code = fields[name];
    if (typeof code !== 'string') continue;
    const known = BY_PRISMA_CODE[code] ?? sqliteFailure(code, message);
    if (known !== undefined) return known;
    // MySQL's numbers are exact; its SQLSTATEs put deadlocks and much else together.
    if (typeof errno === 'number' && errno >= 1_000) break;
    // Prisma's own say less than what they wrap.
    if (PRISMA_CODE.test(code)) continue;
    if (/^\d{4}$/.test(code)) return BY_NUMBER[Number(code)] ?? 'refused';
    if (isState(code))
      return BY_STATE[code] ?? (UNCLEAR_CLASSES.test(code) ? 'unclear' : 'refused');
  }
  if (typeof errno !== 'number' || errno < 1_000) return undefined;
  return BY_NUMBER[errno] ?? (isOfMysqlClient(errno) ? 'unclear' : 'refused');
}

/** Whether a number is no server's, but MySQL's client library's or MariaDB's connector's own. */
function isOfMysqlClient(errno: number): boolean {
  return (errno >= 2_000 && errno < 3_000) || errno >= 45_000;
}

/** Five characters, at least one of them a digit: EPIPE is none. */
function isState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code);
}

function sqliteFailure(code: string, message: unknown): SqlFailure | undefined {
  const [base] = /^SQLITE_[A-Z]+/.exec(code) ?? [];
  if (base === undefined) return undefined;
  const text = String(message);
  if (/no such (table|column)|has no column named/.test(text)) return 'missingTable';
  if (/syntax error/.test(text)) return 'syntax';
  if (/UNIQUE constraint failed/.test(text)) return 'duplicate';
  return BY_SQLITE_CODE[base] ?? 'refused';
}
