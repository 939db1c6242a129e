import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { ApolloProvider } from '@apollo/client/react';
import { StrictMode } from 'react';
import { createRoot, type Container, type Root } from 'react-dom/client';
import { IdempotencyLink } from '../../src/client/index.js';
import { useIdempotentMutation, type IntentHookOptions } from '../../src/client/react/index.js';

/** What a component of the page knows. */
export interface ProbeState {
  readonly amount: unknown;
  readonly error: string | undefined;
  readonly loading: boolean;
  readonly replayed: boolean;
  readonly unsettled: boolean;
  /** Whether its `mutate` has been one function in all of its renders. */
  readonly isStable: boolean;
}

/** How a component calls the hook. */
export interface ProbeOptions extends Omit<IntentHookOptions, 'generateKey'> {
  readonly variables?: { readonly amount?: number };
  readonly errorPolicy?: 'all' | 'none';
  readonly context?: Readonly<Record<string, unknown>>;
}

/** What a test can do on the page. */
export interface HookPage {
  /** Renders a component for each name. */
  render(probes: Readonly<Record<string, ProbeOptions>>): Promise<void>;
  /** Calls what the hook returned, waits for the answer, and says what it was. */
  call(
    name: string,
    amount?: number,
    context?: Readonly<Record<string, unknown>>,
  ): Promise<unknown>;
  /** Calls it and does not look at what it returns. */
  callAndForget(name: string, amount: number): void;
  startOver(name: string): void;
  state(name: string): ProbeState | undefined;
  /** The keys that were sent, in order. */
  keys(): readonly (string | null)[];
  /** How often `onCompleted` and `onError` were called. */
  told(): { readonly completed: number; readonly failed: number };
}

const PAY = gql`
  mutation Pay($amount: Int!) {
    pay(amount: $amount) {
      amount
    }
  }
`;

interface Browser {
  readonly document: { getElementById(id: string): Container | null };
  readonly location: { readonly hash: string };
  hookPage?: HookPage;
}

interface Probe {
  readonly mutate: (options?: object) => Promise<{ data?: unknown; error?: unknown }>;
  readonly startOver: () => void;
  readonly state: ProbeState;
}

const browser = globalThis as unknown as Browser;
const container = browser.document.getElementById('root');
if (container === null) throw new Error('The page has no #root.');
const root: Root = createRoot(container);
const probes = new Map<string, Probe>();
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

function Component({ name, options }: { name: string; options: ProbeOptions }): null {
  const [mutate, result] = useIdempotentMutation<{ pay: { amount: number } }, { amount: number }>(
    PAY,
    {
      ...options,
      onCompleted: () => (told.completed += 1),
      onError: () => (told.failed += 1),
    },
  );
  const before = probes.get(name);
  const sameMutate = before === undefined || before.mutate === (mutate as Probe['mutate']);
  probes.set(name, {
    mutate: mutate as Probe['mutate'],
    startOver: result.startOver,
    state: {
      amount: result.data?.pay.amount,
      error: result.error?.message,
      loading: result.loading,
      replayed: result.replayed,
      unsettled: result.unsettled,
      isStable: sameMutate && before?.state.isStable !== false,
    },
  });
  return null;
}

function probe(name: string): Probe {
  const found = probes.get(name);
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found;
}

browser.hookPage = {
  async render(wanted) {
    for (const name of probes.keys()) if (!(name in wanted)) probes.delete(name);
    root.render(
      <StrictMode>
        <ApolloProvider client={client}>
          {Object.entries(wanted).map(([name, options]) => (
            <Component key={name} name={name} options={options} />
          ))}
        </ApolloProvider>
      </StrictMode>,
    );
    // Two turns of the event loop: React has rendered then, and its effects have run.
    for (let turn = 0; turn < 2; turn += 1) await new Promise((done) => setTimeout(done));
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
  startOver(name) {
    probe(name).startOver();
  },
  state: (name) => probes.get(name)?.state,
  keys: () => keys,
  told: () => told,
};
