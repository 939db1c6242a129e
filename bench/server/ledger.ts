/** A payment, as every server of the benchmark answers with one. */
export interface Payment {
  readonly id: string;
  readonly reference: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: string;
  readonly createdAt: string;
  readonly description: string;
  readonly payer: { readonly id: string; readonly name: string };
}

/** One line of a statement, about 100 bytes. */
export interface StatementLine {
  readonly id: string;
  readonly text: string;
  readonly amount: number;
}

/** A result of any size. */
export interface Statement {
  readonly id: string;
  readonly reference: string;
  readonly lines: readonly StatementLine[];
}

/** What a mutation of the benchmark is called with. */
export interface PaymentInput {
  readonly idempotencyKey: string;
  readonly amount: number;
  readonly currency: string;
  readonly description: string;
}

/** What a statement is asked for with. */
export interface StatementInput {
  readonly idempotencyKey: string;
  readonly lines: number;
}

let effects = 0;

/** How often a resolver had its effect. */
export function effectsSoFar(): number {
  return effects;
}

/** All of one length, so that all results are of one size. */
function numbered(): string {
  return String(effects).padStart(9, '0');
}

/** The effect: it takes no time, so that only the way there is measured. */
export function pay({ idempotencyKey, amount, currency, description }: PaymentInput): Payment {
  effects += 1;
  return {
    id: `pay_${numbered()}`,
    reference: idempotencyKey,
    amount,
    currency,
    status: 'SETTLED',
    createdAt: new Date(1_790_000_000_000 + effects).toISOString(),
    description,
    payer: { id: 'payer_7', name: 'Ada Lovelace' },
  };
}

/** The effect with a result that can be large. */
export function state({ idempotencyKey, lines }: StatementInput): Statement {
  effects += 1;
  return {
    id: `statement_${numbered()}`,
    reference: idempotencyKey,
    lines: Array.from({ length: lines }, (_, index) => ({
      id: `line_${String(index).padStart(6, '0')}`,
      text: `Payment ${String(index * 7919)} of an order in the shop`,
      amount: index * 31,
    })),
  };
}
