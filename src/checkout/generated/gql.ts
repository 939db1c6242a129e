/* eslint-disable */
import * as types from './graphql';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

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
    "mutation CreatePayment($input: CreatePaymentInput!, $key: String) {\n  createPayment(input: $input) @idempotent(key: $key) {\n    __typename\n    ... on Payment {\n      id\n      amount\n    }\n    ... on PaymentDeclined {\n      message\n    }\n  }\n}\n\nquery Ledger($account: ID!) {\n  account(id: $account) {\n    id\n    balance\n  }\n  payments(first: 20) {\n    nodes {\n      id\n      amount\n      reference\n      createdAt\n    }\n    totalCount\n  }\n}": typeof types.CreatePaymentDocument,
};
const documents: Documents = {
    "mutation CreatePayment($input: CreatePaymentInput!, $key: String) {\n  createPayment(input: $input) @idempotent(key: $key) {\n    __typename\n    ... on Payment {\n      id\n      amount\n    }\n    ... on PaymentDeclined {\n      message\n    }\n  }\n}\n\nquery Ledger($account: ID!) {\n  account(id: $account) {\n    id\n    balance\n  }\n  payments(first: 20) {\n    nodes {\n      id\n      amount\n      reference\n      createdAt\n    }\n    totalCount\n  }\n}": types.CreatePaymentDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation CreatePayment($input: CreatePaymentInput!, $key: String) {\n  createPayment(input: $input) @idempotent(key: $key) {\n    __typename\n    ... on Payment {\n      id\n      amount\n    }\n    ... on PaymentDeclined {\n      message\n    }\n  }\n}\n\nquery Ledger($account: ID!) {\n  account(id: $account) {\n    id\n    balance\n  }\n  payments(first: 20) {\n    nodes {\n      id\n      amount\n      reference\n      createdAt\n    }\n    totalCount\n  }\n}"): (typeof documents)["mutation CreatePayment($input: CreatePaymentInput!, $key: String) {\n  createPayment(input: $input) @idempotent(key: $key) {\n    __typename\n    ... on Payment {\n      id\n      amount\n    }\n    ... on PaymentDeclined {\n      message\n    }\n  }\n}\n\nquery Ledger($account: ID!) {\n  account(id: $account) {\n    id\n    balance\n  }\n  payments(first: 20) {\n    nodes {\n      id\n      amount\n      reference\n      createdAt\n    }\n    totalCount\n  }\n}"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;