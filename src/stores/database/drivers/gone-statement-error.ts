/**
 * A commit that failed because its prepared statement was gone. Its code is the SQLSTATE of a transaction
 * that was rolled back, which is run again.
 */
export class GoneStatementError extends Error {
  override readonly name = 'GoneStatementError';
  readonly code = '40000';

  constructor(cause: unknown) {
    super(
      'PostgreSQL rolled the transaction back, because a prepared statement was gone when it was to be committed. ' +
        'Use preparedStatements neither behind a pooler in transaction mode nor with DISCARD ALL or DEALLOCATE.',
      { cause },
    );
  }
}
