import { StrictMode, version, type ReactNode } from 'react';
import { createRoot, hydrateRoot, type Container, type Root } from 'react-dom/client';
import { Client, fetchExchange, Provider } from 'urql';
import { idempotencyExchange } from '../../src/client/urql/index.js';
import { useIdempotentMutation } from '../../src/client/urql/react/index.js';
import { documents } from '../client/bank-documents.js';
import type { HookPage, ProbeOptions, ProbeState } from './hook-page.js';

/** What this page can do: what is not of Apollo Client. */
type UrqlHookPage = Omit<HookPage, 'callAndAbort' | 'functions' | 'reset' | 'told'>;

interface Browser {
  readonly document: {
    getElementById(id: string): (Container & { innerHTML: string }) | null;
  };
  readonly location: { readonly hash: string };
  hookPage?: UrqlHookPage;
}

interface Probe {
  readonly execute: ReturnType<typeof useIdempotentMutation>[1];
  readonly startOver: () => void;
  readonly state: ProbeState;
}

const browser = globalThis as unknown as Browser;
const container = browser.document.getElementById('root');
if (container === null) throw new Error('The page has no #root.');
let root: Root | undefined;
const probes = new Map<string, Probe>();
const keys: (string | null)[] = [];

const client = new Client({
  // Where the server is, the test says in the page's address.
  url: browser.location.hash.slice(1),
  preferGetMethod: false,
  exchanges: [idempotencyExchange({ isIdempotent: () => true, attemptsMax: 1 }), fetchExchange],
  fetch(uri, init) {
    keys.push(new Headers(init?.headers).get('idempotency-key'));
    return fetch(uri, init);
  },
});

function Component({ name, options }: { name: string; options: ProbeOptions }): ReactNode {
  const { document = 'pay', ...hookOptions } = options;
  const [result, execute] = useIdempotentMutation(documents[document], hookOptions);
  const { data, error, fetching, replayed, unsettled, startOver } = result;
  const state = { data, error: error?.message, loading: fetching, replayed, unsettled };
  probes.set(name, { execute, startOver, state });
  return <p>{unsettled ? 'Try again' : 'Pay'}</p>;
}

function Page({ wanted }: { wanted: Readonly<Record<string, ProbeOptions>> }): ReactNode {
  return (
    <StrictMode>
      <Provider value={client}>
        {Object.entries(wanted).map(([name, options]) => (
          <Component key={name} name={name} options={options} />
        ))}
      </Provider>
    </StrictMode>
  );
}

/** Two turns of the event loop: React has rendered then, and its effects have run. */
async function rendered(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((done) => setTimeout(done));
}

function probe(name: string): Probe {
  const found = probes.get(name);
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found;
}

browser.hookPage = {
  reactVersion: version,
  async render(wanted) {
    for (const name of probes.keys()) if (!(name in wanted)) probes.delete(name);
    root ??= createRoot(container);
    root.render(<Page wanted={wanted} />);
    await rendered();
  },
  async hydrate(options) {
    // What the server renders, which knows no storage.
    container.innerHTML = '<p>Pay</p>';
    root = hydrateRoot(container, <Page wanted={{ pay: options }} />);
    await rendered();
  },
  async call(name, amount, context) {
    const variables = amount === undefined ? {} : { amount };
    const { data, error } = await probe(name).execute(variables, context ?? {});
    return error === undefined ? data : { error: error.message };
  },
  callAndForget(name, amount) {
    void probe(name).execute({ amount });
  },
  startOver(name) {
    probe(name).startOver();
  },
  state: (name) => probes.get(name)?.state,
  keys: () => keys,
};
