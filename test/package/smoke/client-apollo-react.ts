// needs: @apollo/client graphql rxjs react react-dom @types/react @types/react-dom
// lib: DOM ESNext.Disposable
import assert from 'node:assert/strict';
import {
  ApolloClient,
  ApolloLink,
  gql,
  InMemoryCache,
  type TypedDocumentNode,
} from '@apollo/client';
import { ApolloProvider } from '@apollo/client/react';
import { createElement, type ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import {
  useIdempotentMutation,
  type IntentHookOptions,
} from 'graphql-idempotency/client/apollo/react';

const PAY: TypedDocumentNode<{ pay: number }, { amount: number }> = gql`
  mutation Pay($amount: Int!) {
    pay(amount: $amount)
  }
`;
const options: IntentHookOptions = { storageKey: 'smoke' };

function Pay(): ReactNode {
  const [, { replayed, unsettled }] = useIdempotentMutation(PAY, options);
  return `${String(replayed)} ${String(unsettled)}`;
}

const client = new ApolloClient({ cache: new InMemoryCache(), link: ApolloLink.empty() });
const html = renderToString(
  createElement(ApolloProvider, { client, children: createElement(Pay) }),
);
assert.equal(html, 'false false');
