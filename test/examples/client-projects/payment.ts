/** A mutation that the map of the checkout page is generated for. */
export const CREATE_PAYMENT = `
  mutation CreatePayment($input: CreatePaymentInput!, $key: String) {
    createPayment(input: $input) @idempotent(key: $key) { ... on Payment { amount } }
  }`;

export interface PaymentData {
  readonly createPayment: { readonly amount: number };
}

export const authorization = 'Bearer alice';

export const variables = {
  input: { from: 'acct_alice_eur', to: 'acct_bob_eur', amount: 5, currency: 'EUR' },
};

/** The address of the server, which whoever runs this program gives. */
export const url = String(process.argv[2]);

/** Prints the amount that was paid, which whoever runs this program reads. */
export function print(data: PaymentData | null | undefined): void {
  console.log(data?.createPayment.amount);
}
