// needs: graphql react react-dom @types/react @types/react-dom
// lib: DOM
import assert from 'node:assert/strict';
import { createElement, type ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import {
  useIntent,
  type IntentHandle,
  type IntentHookOptions,
} from 'graphql-idempotency/client/react';

const options: IntentHookOptions = { storageKey: 'smoke' };
let intent: IntentHandle | undefined;

function Pay(): ReactNode {
  intent = useIntent('Pay', options);
  return `${String(intent.replayed)} ${String(intent.unsettled)}`;
}

assert.equal(renderToString(createElement(Pay)), 'false false');
const call = intent?.begin({ amount: 1 });
assert.equal(intent?.begin({ amount: 1 }).key, call?.key);
