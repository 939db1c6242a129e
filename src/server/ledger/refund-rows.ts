import type { Database, SqlValue } from './database.js';
import type { RefundRecord } from './records.js';

/** The refunds for which `condition` holds, the oldest first. */
export function refundRows(
  database: Database,
  condition: string,
  ...values: readonly SqlValue[]
): RefundRecord[] {
  return database.all(
    `SELECT refunds.id, payment_id AS paymentId, refunds.amount, currency,
       refunds.created_at_ms AS createdAtMs
     FROM refunds JOIN payments ON payments.id = payment_id WHERE ${condition}
     ORDER BY refunds.number`,
    ...values,
  ) as RefundRecord[];
}
