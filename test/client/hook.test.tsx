import { ApolloClient, ApolloLink, InMemoryCache } from '@apollo/client';
import { ApolloProvider } from '@apollo/client/react';
import { renderToString } from 'react-dom/server';
import {
  useIdempotentMutation,
  type IntentHookOptions,
} from '../../src/client/apollo/react/index.js';
import { documents } from './bank.js';

const client = new ApolloClient({ cache: new InMemoryCache(), link: ApolloLink.empty() });

function Probe(options: IntentHookOptions): string {
  const [, { unsettled, replayed }] = useIdempotentMutation(documents.pay, options);
  return JSON.stringify({ unsettled, replayed });
}

function render(options: IntentHookOptions): string {
  return renderToString(
    <ApolloProvider client={client}>
      <Probe {...options} />
    </ApolloProvider>,
  ).replaceAll('&quot;', '"');
}

describe('useIdempotentMutation', () => {
  it('renders on a server, which has no storage', () => {
    expect(render({ storageKey: 'shop' })).toBe('{"unsettled":false,"replayed":false}');
  });

  it('does not look into the storage of a server, which is one for all of its users', () => {
    const read = jest.fn(() => '[{"key":"a-strangers","digest":"d"}]');
    const before = Object.getOwnPropertyDescriptor(globalThis, 'sessionStorage');
    const value = { getItem: read, setItem: read, removeItem: read };
    Object.defineProperty(globalThis, 'sessionStorage', { value, configurable: true });
    expect(render({ storageKey: 'shop' })).toBe('{"unsettled":false,"replayed":false}');
    if (before === undefined) Reflect.deleteProperty(globalThis, 'sessionStorage');
    else Object.defineProperty(globalThis, 'sessionStorage', before);
    expect(read).not.toHaveBeenCalled();
  });

  it('renders on a server without a word in its log', () => {
    const said = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    render({ storageKey: 'shop' });
    expect(said).not.toHaveBeenCalled();
    said.mockRestore();
  });

  it.each([
    [{ doubleClickMs: -1 }, 'doubleClickMs must be a whole number from 0 to 10000.'],
    [{ doubleClickMs: 1.5 }, 'doubleClickMs must be a whole number from 0 to 10000.'],
    [{ doubleClickMs: 10_001 }, 'doubleClickMs must be a whole number from 0 to 10000.'],
    [{ storageKey: '' }, 'storageKey must be a text that is not empty.'],
    [{ storageKey: 4 as never }, 'storageKey must be a text that is not empty.'],
    [{ generateKey: 'uuid' as never }, 'generateKey must be a function.'],
  ])('refuses %j', (options, message) => {
    expect(() => render(options)).toThrow(new TypeError(`useIdempotentMutation: ${message}`));
  });
});
