import { gql } from '@apollo/client';

/** Operations on the bank, one for each way that a key can travel. */
export const documents = {
  pay: gql`
    mutation Pay($amount: Int!, $key: String) {
      pay(amount: $amount) @idempotent(key: $key) {
        id
        amount
      }
    }
  `,
  payWithReceipt: gql`
    mutation PayWithReceipt($amount: Int!) {
      pay(amount: $amount) {
        id
        receipt
      }
    }
  `,
  payWithProof: gql`
    mutation PayWithProof($amount: Int!) {
      pay(amount: $amount) {
        id
        proof
      }
    }
  `,
  payNothing: gql`
    mutation PayNothing {
      payNothing {
        id
      }
    }
  `,
  payByArgument: gql`
    mutation PayByArgument($amount: Int!, $key: String) {
      pay(amount: $amount, idempotencyKey: $key) {
        id
      }
    }
  `,
  refund: gql`
    mutation Refund($input: RefundInput!) {
      refund(input: $input) {
        id
      }
    }
  `,
  book: gql`
    mutation Book($amount: Int!) {
      book(amount: $amount) {
        id
      }
    }
  `,
  payTwice: gql`
    mutation PayTwice($first: String, $second: String) {
      one: payOrNull(amount: 1) @idempotent(key: $first) {
        id
      }
      two: payOrNull(amount: 2) @idempotent(key: $second) {
        id
      }
    }
  `,
  payBoth: gql`
    mutation PayBoth($ok: Int!, $other: Int!) {
      pay: payOrNull(amount: $ok) {
        id
      }
      book(amount: $other) {
        id
      }
    }
  `,
  payAndRename: gql`
    mutation PayAndRename($key: String) {
      pay: payOrNull(amount: 1, idempotencyKey: $key) {
        id
      }
      ... on Mutation {
        ...Renaming
      }
    }
    fragment Renaming on Mutation {
      rename(name: "x")
    }
  `,
  rename: gql`
    mutation Rename {
      rename(name: "y")
    }
  `,
  balance: gql`
    query Balance {
      balance
    }
  `,
} as const;
