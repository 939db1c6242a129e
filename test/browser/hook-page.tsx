import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { ApolloProvider } from '@apollo/client/react';
import { StrictMode, useEffect, version, type ReactNode } from 'react';
import { createRoot, hydrateRoot, type Container, type Root } from 'react-dom/client';
import { IdempotencyLink } from '../../src/client/apollo/index.js';
import {
  useIdempotentMutation,
  type IntentHookOptions,
} from '../../src/client/apollo/react/index.js';
import { documents } from '../client/bank-documents.js';

/** The state of a component of the page. */
export interface ProbeState {
  readonly data: unknown;
  readonly error: string | undefined;
  readonly loading: boolean;
  readonly replayed: boolean;
  readonly unsettled: boolean;
}

/** The options with which a component calls the hook. */
export interface ProbeOptions extends Omit<IntentHookOptions, 'generateKey'> {
  /** @defaultValue 'pay' */
  readonly document?: keyof typeof documents;
  readonly variables?: { readonly amount?: number };
  readonly errorPolicy?: 'all' | 'none' | 'ignore';
  readonly context?: Readonly<Record<string, unknown>>;
  /** Whether the component leaves the page when it is told of its answer. */
  readonly leavesWithAnswer?: boolean;
}

/** The actions of a test on the page. */
export interface HookPage {
  readonly reactVersion: string;
  /** Renders a component for each name. */
  render(probes: Readonly<Record<string, ProbeOptions>>): Promise<void>;
  /** Takes over what a server has rendered: one component. */
  hydrate(options: ProbeOptions): Promise<void>;
  /** Calls what the hook returned, waits for the answer, and says what it was. */
  call(
    name: string,
    amount?: number,
    context?: Readonly<Record<string, unknown>>,
  ): Promise<unknown>;
  /** Calls it and does not look at what it returns. */
  callAndForget(name: string, amount: number): void;
  /** Calls it and aborts the call when told to. */
  callAndAbort(name: string, amount: number): () => void;
  startOver(name: string): void;
  reset(name: string): void;
  state(name: string): ProbeState | undefined;
  /** The number of different `mutate` functions so far. */
  functions(name: string): number;
  /** The keys that were sent, in order. */
  keys(): readonly (string | null)[];
  /** The numbers of calls of `onCompleted` and `onError`. */
  told(): { readonly completed: number; readonly failed: number };
}

interface Browser {
  readonly document: {
    getElementById(id: string): (Container & { innerHTML: string }) | null;
  };
  readonly location: { readonly hash: string };
  hookPage?: HookPage;
}

interface Probe {
  readonly mutate: (options?: object) => Promise<{ data?: unknown; error?: unknown }>;
  readonly startOver: () => void;
  readonly reset: () => void;
  readonly state: ProbeState;
}

const browser = globalThis as unknown as Browser;
const container = browser.document.getElementById('root');
if (container === null) throw new Error('The page has no #root.');
let root: Root | undefined;
const probes = new Map<string, Probe>();
const functions = new Map<string, Set<unknown>>();
const keys: (string | null)[] = [];
const told = { completed: 0, failed: 0 };

const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.from([
    new IdempotencyLink({ isIdempotent: () => true, attemptsMax: 1 }),
    new HttpLink({
      // Where the server is, the test says in the page's address.
      uri: browser.location.hash.slice(1),
      fetch(uri, init) {
        keys.push(new Headers(init?.headers).get('idempotency-key'));
        return fetch(uri, init);
      },
    }),
  ]),
});

function Component({ name, options }: { name: string; options: ProbeOptions }): ReactNode {
  const { document = 'pay', leavesWithAnswer = false, ...hookOptions } = options;
  const tell = (what: 'completed' | 'failed'): void => {
    told[what] += 1;
    if (leavesWithAnswer) root?.render(null);
  };
  const [mutate, result] = useIdempotentMutation(documents[document], {
    ...hookOptions,
    onCompleted: () => {
      tell('completed');
    },
    onError: () => {
      tell('failed');
    },
  });
  useEffect(() => {
    functions.set(name, (functions.get(name) ?? new Set()).add(mutate));
  }, [name, mutate]);
  probes.set(name, {
    mutate: mutate,
    startOver: result.startOver,
    reset: result.reset,
    state: {
      data: result.data,
      error: result.error?.message,
      loading: result.loading,
      replayed: result.replayed,
      unsettled: result.unsettled,
    },
  });
  return <p>{result.unsettled ? 'Try again' : 'Pay'}</p>;
}

function Page({ wanted }: { wanted: Readonly<Record<string, ProbeOptions>> }): ReactNode {
  return (
    <StrictMode>
      <ApolloProvider client={client}>
        {Object.entries(wanted).map(([name, options]) => (
          <Component key={name} name={name} options={options} />
        ))}
      </ApolloProvider>
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
    const variables = amount === undefined ? undefined : { amount };
    try {
      const { data, error } = await probe(name).mutate({
        ...(variables && { variables }),
        ...(context && { context }),
      });
      return error === undefined ? data : { error: (error as Error).message };
    } catch (error) {
      return { thrown: error instanceof Error ? error.message : error };
    }
  },
  callAndForget(name, amount) {
    void probe(name).mutate({ variables: { amount } });
  },
  callAndAbort(name, amount) {
    const controller = new AbortController();
    const fetchOptions = { signal: controller.signal };
    void probe(name).mutate({ variables: { amount }, context: { fetchOptions } });
    return () => {
      controller.abort();
    };
  },
  startOver(name) {
    probe(name).startOver();
  },
  reset(name) {
    probe(name).reset();
  },
  state: (name) => probes.get(name)?.state,
  functions: (name) => functions.get(name)?.size ?? 0,
  keys: () => keys,
  told: () => told,
};
