// needs: graphql @urql/core urql wonka react react-dom @types/react @types/react-dom
// lib: DOM
import assert from 'node:assert/strict';
import { createElement, type ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import { Client, Provider } from 'urql';
import {
  useIdempotentMutation,
  type IntentHookOptions,
} from 'graphql-idempotency/client/urql/react';

const options: IntentHookOptions = { storageKey: 'smoke' };

function Pay(): ReactNode {
  const [{ replayed, unsettled }] = useIdempotentMutation('mutation Pay { pay }', options);
  return `${String(replayed)} ${String(unsettled)}`;
}

const client = new Client({ url: 'http://localhost/', preferGetMethod: false, exchanges: [] });
const html = renderToString(createElement(Provider, { value: client }, createElement(Pay)));
assert.equal(html, 'false false');
