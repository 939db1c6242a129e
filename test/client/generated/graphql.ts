/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type CreatePaymentInput = {
  /** In minor units, above 0. */
  amount: number;
  currency: Currency;
  /** An account of the caller, such as `acct_alice_eur`. */
  from: string | number;
  /** Up to 140 characters. */
  reference?: string | null | undefined;
  /** Any account. */
  to: string | number;
};

/** ISO 4217 codes. */
export type Currency =
  | 'EUR'
  | 'GBP'
  | 'USD';

export type PaymentDeclineReason =
  | 'CURRENCY_MISMATCH'
  | 'INSUFFICIENT_FUNDS'
  | 'SAME_ACCOUNT';

export type PaymentStatus =
  | 'COMPLETED'
  | 'PARTIALLY_REFUNDED'
  | 'REFUNDED';

export type RefundPaymentInput = {
  /** In minor units; all that is left if absent. */
  amount?: number | null | undefined;
  paymentId: string | number;
};

export type CreatePaymentMutationVariables = Exact<{
  input: CreatePaymentInput;
  key?: string | null | undefined;
}>;


export type CreatePaymentMutation = { createPayment:
    | { __typename: 'Payment', id: string, from: string, to: string, amount: number, currency: Currency, reference: string | null, status: PaymentStatus, createdAt: string, refunds: Array<{ amount: number }> }
    | { __typename: 'PaymentDeclined', reason: PaymentDeclineReason, message: string }
   };

export type RefundPaymentMutationVariables = Exact<{
  input: RefundPaymentInput;
  key?: string | null | undefined;
}>;


export type RefundPaymentMutation = { refundPayment: { id: string, paymentId: string, amount: number, currency: Currency } };

export type RenameAccountMutationVariables = Exact<{
  id: string | number;
  name: string;
}>;


export type RenameAccountMutation = { renameAccount: { id: string, name: string } };

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { viewer: { name: string, accounts: Array<{ id: string, currency: Currency, balance: number }> } };

export type PaymentQueryVariables = Exact<{
  id: string | number;
}>;


export type PaymentQuery = { payment: { id: string, from: string, to: string, amount: number, currency: Currency, reference: string | null, status: PaymentStatus, createdAt: string, refunds: Array<{ amount: number }> } | null };

export type PaymentsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type PaymentsQuery = { payments: { totalCount: number, nodes: Array<{ id: string, amount: number }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type PaymentPartsFragment = { id: string, from: string, to: string, amount: number, currency: Currency, reference: string | null, status: PaymentStatus, createdAt: string, refunds: Array<{ amount: number }> };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const PaymentPartsFragmentDoc = new TypedDocumentString(`
    fragment PaymentParts on Payment {
  id
  from
  to
  amount
  currency
  reference
  status
  createdAt
  refunds {
    amount
  }
}
    `, {"fragmentName":"PaymentParts"}) as unknown as TypedDocumentString<PaymentPartsFragment, unknown>;
export const CreatePaymentDocument = new TypedDocumentString(`
    mutation CreatePayment($input: CreatePaymentInput!, $key: String) {
  createPayment(input: $input) @idempotent(key: $key) {
    __typename
    ... on Payment {
      ...PaymentParts
    }
    ... on PaymentDeclined {
      reason
      message
    }
  }
}
    fragment PaymentParts on Payment {
  id
  from
  to
  amount
  currency
  reference
  status
  createdAt
  refunds {
    amount
  }
}`) as unknown as TypedDocumentString<CreatePaymentMutation, CreatePaymentMutationVariables>;
export const RefundPaymentDocument = new TypedDocumentString(`
    mutation RefundPayment($input: RefundPaymentInput!, $key: String) {
  refundPayment(input: $input, idempotencyKey: $key) {
    id
    paymentId
    amount
    currency
  }
}
    `) as unknown as TypedDocumentString<RefundPaymentMutation, RefundPaymentMutationVariables>;
export const RenameAccountDocument = new TypedDocumentString(`
    mutation RenameAccount($id: ID!, $name: String!) {
  renameAccount(id: $id, name: $name) {
    id
    name
  }
}
    `) as unknown as TypedDocumentString<RenameAccountMutation, RenameAccountMutationVariables>;
export const ViewerDocument = new TypedDocumentString(`
    query Viewer {
  viewer {
    name
    accounts {
      id
      currency
      balance
    }
  }
}
    `) as unknown as TypedDocumentString<ViewerQuery, ViewerQueryVariables>;
export const PaymentDocument = new TypedDocumentString(`
    query Payment($id: ID!) {
  payment(id: $id) {
    ...PaymentParts
  }
}
    fragment PaymentParts on Payment {
  id
  from
  to
  amount
  currency
  reference
  status
  createdAt
  refunds {
    amount
  }
}`) as unknown as TypedDocumentString<PaymentQuery, PaymentQueryVariables>;
export const PaymentsDocument = new TypedDocumentString(`
    query Payments($first: Int, $after: String) {
  payments(first: $first, after: $after) {
    nodes {
      id
      amount
    }
    pageInfo {
      hasNextPage
      endCursor
    }
    totalCount
  }
}
    `) as unknown as TypedDocumentString<PaymentsQuery, PaymentsQueryVariables>;