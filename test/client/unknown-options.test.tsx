import { ApolloClient, ApolloLink, InMemoryCache } from '@apollo/client';
import { ApolloProvider, type useMutation } from '@apollo/client/react';
import fc from 'fast-check';
import type { ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import { Client, Provider } from 'urql';
import { IdempotencyLink } from '../../src/client/apollo/index.js';
import {
  useIdempotentMutation,
  type IntentHookOptions,
} from '../../src/client/apollo/react/index.js';
import { withIdempotency } from '../../src/client/fetch/index.js';
import { IdempotentMutations, type IdempotencyClientOptions } from '../../src/client/index.js';
import { OfflineQueue, type OfflineQueueOptions } from '../../src/client/offline/index.js';
import { useIntent } from '../../src/client/react/index.js';
import { idempotentFetch } from '../../src/client/relay/index.js';
import { idempotencyExchange } from '../../src/client/urql/index.js';
import { useIdempotentMutation as useUrqlMutation } from '../../src/client/urql/react/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { documents, operations } from './bank.js';

// A misspelled name would leave its option at the default: without its `storageKey`, a payment has a
// new key after a reload.

/** Every option, with a value that is right. */
type Right<TOptions> = Readonly<Record<keyof TOptions, unknown>>;

const act = (): undefined => undefined;
const clock = new ManualClock();

const OF_CLIENTS: Right<IdempotencyClientOptions> = {
  ...{ operations, isIdempotent: () => true, header: 'x-key', generateKey: () => 'a-key' },
  ...{ attemptsMax: 2, retryForMs: 0, onRetry: act, clock, random: () => 0 },
};
const OF_QUEUE: Right<OfflineQueueOptions> = {
  ...{ operations, fetch: act, headers: () => ({}), header: 'x-key', name: 'payments' },
  ...{ entriesMax: 1, onAnswer: act, onDropped: act, onProblem: act, clock },
};
const OF_HOOKS: Right<IntentHookOptions> = {
  ...{ storageKey: 'shop', doubleClickMs: 0, generateKey: () => 'a-key' },
  settleWithoutReport: true,
};
const apollo = new ApolloClient({ cache: new InMemoryCache(), link: ApolloLink.empty() });
const urql = new Client({ url: 'http://127.0.0.1/', preferGetMethod: false, exchanges: [] });
/** The compiler finds what another version of Apollo Client has. */
const OF_APOLLO: Right<useMutation.Options> = {
  ...{ optimisticResponse: act, updateQueries: {}, refetchQueries: [], awaitRefetchQueries: true },
  ...{ update: act, onQueryUpdated: act, errorPolicy: 'all', variables: {}, context: {} },
  ...{ fetchPolicy: 'no-cache', keepRootFields: true, client: apollo, onCompleted: act },
  ...{ notifyOnNetworkStatusChange: true, onError: act },
};

function render(useHook: () => unknown): void {
  const Probe = (): ReactNode => {
    useHook();
    return 'rendered';
  };
  renderToString(
    <Provider value={urql}>
      <ApolloProvider client={apollo}>
        <Probe />
      </ApolloProvider>
    </Provider>,
  );
}

interface Subject {
  readonly options: Readonly<Record<string, unknown>>;
  /** What must be given. */
  readonly base?: object;
  readonly take: (options: object) => unknown;
}

const ofClients = { options: OF_CLIENTS, base: { operations } };
const STRICT: Readonly<Record<string, Subject>> = {
  IdempotentMutations: { ...ofClients, take: (given) => new IdempotentMutations(given) },
  IdempotencyLink: { ...ofClients, take: (given) => new IdempotencyLink(given) },
  withIdempotency: { ...ofClients, take: (given) => withIdempotency(fetch, given) },
  idempotencyExchange: { ...ofClients, take: (given) => idempotencyExchange(given) },
  idempotentFetch: { ...ofClients, take: (given) => idempotentFetch(() => ({}), given) },
  OfflineQueue: {
    ...{ options: OF_QUEUE, base: { operations } },
    take: (given) => new OfflineQueue(given as OfflineQueueOptions),
  },
  useIntent: {
    options: OF_HOOKS,
    take(given) {
      render(() => useIntent('Pay', given));
    },
  },
  'useIdempotentMutation of urql': {
    options: OF_HOOKS,
    take(given) {
      render(() => useUrqlMutation(documents.pay, given));
    },
  },
};
const APOLLO_HOOK: Subject = {
  options: OF_HOOKS,
  take(given) {
    render(() => useIdempotentMutation(documents.pay, given));
  },
};

/** A name that somebody may write for another: a letter is lost, doubled, swapped, of the wrong case. */
function misspellings(name: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat(name.length - 2), fc.constantFrom('lost', 'doubled', 'swapped', 'case'))
    .map(([at, mistake]) => {
      const [one = '', next = ''] = name.slice(at, at + 2);
      const flipped = one === one.toLowerCase() ? one.toUpperCase() : one.toLowerCase();
      const wrong = { lost: next, doubled: one + one + next, swapped: next + one };
      const end = mistake === 'case' ? flipped + next : wrong[mistake];
      return name.slice(0, at) + end + name.slice(at + 2);
    });
}

function misspelled({ options }: Subject): fc.Arbitrary<string> {
  return fc
    .constantFrom(...Object.keys(options))
    .chain(misspellings)
    .filter((name) => !(name in options));
}

function refuses({ take, base }: Subject, name: string): void {
  const given = Object.fromEntries([...Object.entries(base ?? {}), [name, 'something']]);
  expect(() => take(given)).toThrow(TypeError);
  expect(() => take(given)).toThrow(`There is no option ${JSON.stringify(name)}.`);
}

const ALL = { ...STRICT, 'useIdempotentMutation of Apollo Client': APOLLO_HOOK };

describe.each(Object.entries(ALL))('%s', (who, subject) => {
  const { options, base, take } = subject;

  it('takes every option that there is', () => {
    for (const [name, value] of Object.entries(options)) {
      // The map and the predicate stand for each other.
      const needed = name === 'isIdempotent' ? {} : base;
      expect(() => take({ ...needed, [name]: value })).not.toThrow();
    }
  });

  it('refuses a misspelt option by its name', () => {
    fc.assert(
      fc.property(misspelled(subject), (name) => {
        refuses(subject, name);
      }),
    );
  });

  it('says whose option it is', () => {
    expect(() => take({ ...base, doubleClickMS: 1 })).toThrow(who.split(' ')[0]);
  });

  it('takes an option without a value for none', () => {
    expect(() => take({ ...base, doubleClickMS: undefined })).not.toThrow();
  });
});

it.each(Object.entries(STRICT))('%s refuses every name that is no option', (_, subject) => {
  const names = fc.string().filter((name) => !Object.hasOwn(subject.options, name));
  const inherited = fc.constantFrom('__proto__', 'constructor', 'toString');
  fc.assert(
    fc.property(fc.oneof(names, inherited), (name) => {
      refuses(subject, name);
    }),
  );
});

describe('useIdempotentMutation of Apollo Client', () => {
  it.each(Object.entries(OF_APOLLO))('passes on %s, which is of useMutation', (name, value) => {
    expect(() => APOLLO_HOOK.take({ [name]: value })).not.toThrow();
  });

  it('passes on what another version of Apollo Client may know', () => {
    expect(() => APOLLO_HOOK.take({ queue: 'payments', storage: 1, key: 2 })).not.toThrow();
  });
});
