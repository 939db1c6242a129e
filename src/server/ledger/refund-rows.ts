import type { RefundRecord } from './records.js';
import { all, type SqlValue, type Work } from './work.js';

/** The refunds for which `condition` holds, the oldest first. */
export function* refundRows(
  condition: string,
  ...values: readonly SqlValue[]
): Work<readonly RefundRecord[]> {
  return (yield* all(
    `SELECT refunds.id, payment_id AS "paymentId", refunds.amount, currency,
       refunds.created_at_ms AS "createdAtMs"
     FROM refunds JOIN payments ON payments.id = payment_id WHERE ${condition}
     ORDER BY refunds.number`,
    ...values,
  )) as unknown as readonly RefundRecord[];
}
