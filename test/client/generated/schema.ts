export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A date-time string at UTC, such as 2007-12-03T10:15:30Z, compliant with the `date-time` format outlined in section 5.6 of the RFC 3339 profile of the ISO 8601 standard for representation of dates and times using the Gregorian calendar.This scalar is serialized to a string in ISO 8601 format and parsed from a string in ISO 8601 format. */
  DateTimeISO: { input: string; output: string; }
};

export type Account = {
  __typename?: 'Account';
  /** In minor units. */
  balance: Scalars['Int']['output'];
  currency: Currency;
  id: Scalars['ID']['output'];
  name: Scalars['String']['output'];
  /** The name of the user who owns it. */
  owner: Scalars['String']['output'];
};

export type CreatePaymentInput = {
  /** In minor units, above 0. */
  amount: Scalars['Int']['input'];
  currency: Currency;
  /** An account of the caller, such as `acct_alice_eur`. */
  from: Scalars['ID']['input'];
  /** Up to 140 characters. */
  reference?: InputMaybe<Scalars['String']['input']>;
  /** Any account. */
  to: Scalars['ID']['input'];
};

export type CreatePaymentResult = Payment | PaymentDeclined;

/** ISO 4217 codes. */
export type Currency =
  | 'EUR'
  | 'GBP'
  | 'USD';

/** What happens to an idempotency key when the server dies during the mutation. */
export type IdempotentOnCrash =
  /** A retry is told that the outcome is unknown. */
  | 'REJECT'
  /** A retry runs the mutation again. */
  | 'RERUN';

/** What happens to an idempotency key when the mutation fails without an outcome. */
export type IdempotentOnError =
  /** A retry runs the mutation again. */
  | 'RELEASE'
  /** A retry is refused. */
  | 'SEAL';

export type Mutation = {
  __typename?: 'Mutation';
  /** Moves money. Needs an idempotency key: the argument, or an Idempotency-Key header. */
  createPayment: CreatePaymentResult;
  /** Takes a payment, or a part of it, back. */
  refundPayment: Refund;
  /** Not marked: doing it twice is doing it once. */
  renameAccount: Account;
};


export type MutationCreatePaymentArgs = {
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  input: CreatePaymentInput;
};


export type MutationRefundPaymentArgs = {
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  input: RefundPaymentInput;
};


export type MutationRenameAccountArgs = {
  id: Scalars['ID']['input'];
  name: Scalars['String']['input'];
};

export type PageInfo = {
  __typename?: 'PageInfo';
  /** The `after` of the next page. */
  endCursor?: Maybe<Scalars['String']['output']>;
  hasNextPage: Scalars['Boolean']['output'];
};

/** Money that was moved from one account to another. */
export type Payment = {
  __typename?: 'Payment';
  /** In minor units. */
  amount: Scalars['Int']['output'];
  createdAt: Scalars['DateTimeISO']['output'];
  currency: Currency;
  /** The account that paid. */
  from: Scalars['ID']['output'];
  id: Scalars['ID']['output'];
  reference?: Maybe<Scalars['String']['output']>;
  refunds: Array<Refund>;
  status: PaymentStatus;
  /** The account that was paid. */
  to: Scalars['ID']['output'];
};

/** A page of payments, newest first. */
export type PaymentConnection = {
  __typename?: 'PaymentConnection';
  nodes: Array<Payment>;
  pageInfo: PageInfo;
  /** How many payments there are in all. */
  totalCount: Scalars['Int']['output'];
};

export type PaymentDeclineReason =
  | 'CURRENCY_MISMATCH'
  | 'INSUFFICIENT_FUNDS'
  | 'SAME_ACCOUNT';

/** A payment that could not be made. Nothing was moved. */
export type PaymentDeclined = {
  __typename?: 'PaymentDeclined';
  message: Scalars['String']['output'];
  reason: PaymentDeclineReason;
};

export type PaymentStatus =
  | 'COMPLETED'
  | 'PARTIALLY_REFUNDED'
  | 'REFUNDED';

export type Query = {
  __typename?: 'Query';
  /** An account of the caller. */
  account?: Maybe<Account>;
  payment?: Maybe<Payment>;
  /** What the caller has paid, newest first. */
  payments: PaymentConnection;
  /** The caller. */
  viewer: User;
};


export type QueryAccountArgs = {
  id: Scalars['ID']['input'];
};


export type QueryPaymentArgs = {
  id: Scalars['ID']['input'];
};


export type QueryPaymentsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** Money of a payment that was given back. */
export type Refund = {
  __typename?: 'Refund';
  /** In minor units. */
  amount: Scalars['Int']['output'];
  createdAt: Scalars['DateTimeISO']['output'];
  currency: Currency;
  id: Scalars['ID']['output'];
  paymentId: Scalars['ID']['output'];
};

export type RefundPaymentInput = {
  /** In minor units; all that is left if absent. */
  amount?: InputMaybe<Scalars['Int']['input']>;
  paymentId: Scalars['ID']['input'];
};

export type User = {
  __typename?: 'User';
  accounts: Array<Account>;
  id: Scalars['ID']['output'];
  name: Scalars['String']['output'];
};
