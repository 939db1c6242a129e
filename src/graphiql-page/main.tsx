import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import { EXAMPLE_DOCUMENT, EXAMPLE_VARIABLES, exampleHeaders } from '../server/http/example.js';

/** A storage that remembers nothing: the page opens on the example each time. */
const NO_STORAGE = {
  length: 0,
  clear: () => undefined,
  getItem: () => null,
  setItem: () => undefined,
  removeItem: () => undefined,
};

interface FetcherOptions {
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends an operation with what stands in the editor of headers. */
async function send(operation: object, { headers }: FetcherOptions = {}): Promise<object> {
  const response = await fetch('/', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(operation),
  });
  return (await response.json()) as object;
}

/** Another one at every load: the first Run after it is a new payment. */
function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(4));
  return `graphiql-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no #root.');
createRoot(root).render(
  <GraphiQL
    fetcher={send}
    storage={NO_STORAGE}
    query={EXAMPLE_DOCUMENT}
    variables={JSON.stringify(EXAMPLE_VARIABLES, undefined, 2)}
    headers={JSON.stringify(exampleHeaders(freshKey()), undefined, 2)}
    defaultEditorToolsVisibility="headers"
  />,
);
