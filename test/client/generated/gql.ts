/* eslint-disable */
import * as types from './graphql';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "mutation CreatePayment($input: CreatePaymentInput!, $key: String) {\n  createPayment(input: $input) @idempotent(key: $key) {\n    __typename\n    ... on Payment {\n      ...PaymentParts\n    }\n    ... on PaymentDeclined {\n      reason\n      message\n    }\n  }\n}\n\nmutation RefundPayment($input: RefundPaymentInput!, $key: String) {\n  refundPayment(input: $input, idempotencyKey: $key) {\n    id\n    paymentId\n    amount\n    currency\n  }\n}\n\nmutation RenameAccount($id: ID!, $name: String!) {\n  renameAccount(id: $id, name: $name) {\n    id\n    name\n  }\n}\n\nquery Viewer {\n  viewer {\n    name\n    accounts {\n      id\n      currency\n      balance\n    }\n  }\n}\n\nquery Payment($id: ID!) {\n  payment(id: $id) {\n    ...PaymentParts\n  }\n}\n\nquery Payments($first: Int, $after: String) {\n  payments(first: $first, after: $after) {\n    nodes {\n      id\n      amount\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    totalCount\n  }\n}\n\nfragment PaymentParts on Payment {\n  id\n  from\n  to\n  amount\n  currency\n  reference\n  status\n  createdAt\n  refunds {\n    amount\n  }\n}": typeof types.CreatePaymentDocument,
};
const documents: Documents = {
    "mutation CreatePayment($input: CreatePaymentInput!, $key: String) {\n  createPayment(input: $input) @idempotent(key: $key) {\n    __typename\n    ... on Payment {\n      ...PaymentParts\n    }\n    ... on PaymentDeclined {\n      reason\n      message\n    }\n  }\n}\n\nmutation RefundPayment($input: RefundPaymentInput!, $key: String) {\n  refundPayment(input: $input, idempotencyKey: $key) {\n    id\n    paymentId\n    amount\n    currency\n  }\n}\n\nmutation RenameAccount($id: ID!, $name: String!) {\n  renameAccount(id: $id, name: $name) {\n    id\n    name\n  }\n}\n\nquery Viewer {\n  viewer {\n    name\n    accounts {\n      id\n      currency\n      balance\n    }\n  }\n}\n\nquery Payment($id: ID!) {\n  payment(id: $id) {\n    ...PaymentParts\n  }\n}\n\nquery Payments($first: Int, $after: String) {\n  payments(first: $first, after: $after) {\n    nodes {\n      id\n      amount\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    totalCount\n  }\n}\n\nfragment PaymentParts on Payment {\n  id\n  from\n  to\n  amount\n  currency\n  reference\n  status\n  createdAt\n  refunds {\n    amount\n  }\n}": types.CreatePaymentDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation CreatePayment($input: CreatePaymentInput!, $key: String) {\n  createPayment(input: $input) @idempotent(key: $key) {\n    __typename\n    ... on Payment {\n      ...PaymentParts\n    }\n    ... on PaymentDeclined {\n      reason\n      message\n    }\n  }\n}\n\nmutation RefundPayment($input: RefundPaymentInput!, $key: String) {\n  refundPayment(input: $input, idempotencyKey: $key) {\n    id\n    paymentId\n    amount\n    currency\n  }\n}\n\nmutation RenameAccount($id: ID!, $name: String!) {\n  renameAccount(id: $id, name: $name) {\n    id\n    name\n  }\n}\n\nquery Viewer {\n  viewer {\n    name\n    accounts {\n      id\n      currency\n      balance\n    }\n  }\n}\n\nquery Payment($id: ID!) {\n  payment(id: $id) {\n    ...PaymentParts\n  }\n}\n\nquery Payments($first: Int, $after: String) {\n  payments(first: $first, after: $after) {\n    nodes {\n      id\n      amount\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    totalCount\n  }\n}\n\nfragment PaymentParts on Payment {\n  id\n  from\n  to\n  amount\n  currency\n  reference\n  status\n  createdAt\n  refunds {\n    amount\n  }\n}"): typeof import('./graphql').CreatePaymentDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
