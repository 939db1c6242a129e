/** The attributes of metrics and spans. Their values come from the schema and from fixed lists. */
export const ATTRIBUTE = Object.freeze({
  operation: 'idempotency.operation',
  result: 'idempotency.result',
  code: 'idempotency.code',
  incident: 'idempotency.incident',
  ended: 'idempotency.ended',
  /** Of spans only: there are as many as keys. */
  record: 'idempotency.record',
  attempt: 'idempotency.attempt',
  waited: 'idempotency.waited',
});
