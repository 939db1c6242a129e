import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { startBrowser, type TestBrowser, type Visit } from '../support/browser.js';

/** A component that shows what the hook says; the last link keeps what it was sent. */
const PAGE = `
  import { ApolloClient, ApolloLink, gql, InMemoryCache, Observable } from '@apollo/client';
  import { ApolloProvider } from '@apollo/client/react';
  import { createElement, useLayoutEffect } from 'react';
  import { flushSync } from 'react-dom';
  import { createRoot } from 'react-dom/client';
  import { IdempotencyLink } from './src/client/apollo/index.js';
  import { useIdempotentMutation } from './src/client/apollo/react/index.js';

  const documents = {
    pay: gql\`mutation Pay($amount: Int, $key: String) { pay(amount: $amount, key: $key) }\`,
    book: gql\`mutation Book($amount: Int, $key: String) { book(amount: $amount, key: $key) }\`,
  };
  const operations = {
    Pay: { idempotent: true, fields: { pay: { mutation: 'Mutation.pay', key: ['key'] } } },
    Book: { idempotent: true, fields: { book: { mutation: 'Mutation.book', key: ['key'] } } },
  };
  window.sent = [];
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    defaultOptions: { mutate: { context: { tenant: 'defaults' } } },
    defaultContext: { region: 'eu' },
    link: ApolloLink.from([
      new IdempotencyLink({ operations }),
      new ApolloLink((operation) => new Observable((observer) => {
        const { tenant, region } = operation.getContext();
        window.sent.push({ ...operation.variables, tenant, region });
        if (window.offline) return observer.error(new TypeError('Offline.'));
        const report = { status: 'executed', attempt: 1 };
        const field = operation.operationName.toLowerCase();
        const answer = { data: { [field]: 1 }, extensions: { idempotency: { [field]: report } } };
        observer.next({ ...answer, ...window.part });
        if (window.cut === undefined) observer.complete();
        else if (window.cut === 'now') observer.error(new TypeError('Cut.'));
        else setTimeout(() => observer.error(new TypeError('Cut.')), 20);
      })),
    ]),
  });
  const root = createRoot(document.body);
  function Button({ document, options, onRender }) {
    const [mutate, result] = useIdempotentMutation(document, options);
    window.mutate = mutate;
    window.result = result;
    useLayoutEffect(() => void onRender?.(mutate));
    return null;
  }
  window.show = (name, options, onRender) => {
    const button = createElement(Button, { key: name, document: documents[name], options, onRender });
    flushSync(() => root.render(createElement(ApolloProvider, { client }, button)));
  };
`;

interface Window {
  offline: boolean;
  /** When the connection ends with an error after an answer. */
  cut: 'now' | 'later' | undefined;
  /** What an answer says besides, or instead. */
  part: object;
  readonly sent: Record<string, unknown>[];
  readonly result: { readonly data: unknown; readonly unsettled: boolean };
  show(name: string, options?: object, onRender?: (mutate: Mutate) => void): void;
  mutate: Mutate;
}
type Mutate = (options?: object) => Promise<unknown>;
declare const window: Window;

describe('a call of useIdempotentMutation', () => {
  let browser: TestBrowser;
  let server: Server;
  let visit: Visit;

  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: { contents: PAGE, resolveDir: process.cwd() },
      bundle: true,
      write: false,
      format: 'iife',
      platform: 'browser',
      define: { 'process.env.NODE_ENV': '"production"' },
      conditions: ['module', 'production'],
    });
    const script = outputFiles[0]?.text ?? '';
    server = createServer(({ url }, response) => {
      const isPage = url === '/';
      response.setHeader('content-type', isPage ? 'text/html' : 'text/javascript');
      response.end(isPage ? '<!doctype html><body><script src="/script.js"></script>' : script);
    });
    server.listen(0, '127.0.0.1');
    await Promise.all([once(server, 'listening'), startBrowser().then((one) => (browser = one))]);
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });
  beforeEach(async () => {
    const { port } = server.address() as AddressInfo;
    visit = await browser.visit(`http://127.0.0.1:${String(port)}/`);
  });
  afterEach(async () => {
    await visit.close();
    if (visit.problems.length > 0) throw new Error(visit.problems.join('\n'));
  });

  it('sends what was rendered last, also to those who call before the page is shown', async () => {
    const sent = await visit.page.evaluate(async () => {
      for (const amount of [5, 6]) {
        let call: Promise<unknown> | undefined;
        window.show('pay', { variables: { amount } }, (mutate) => {
          call ??= mutate();
        });
        await call;
      }
      return window.sent;
    });
    expect(sent.map(({ amount }) => amount)).toEqual([5, 6]);
    expect(new Set(sent.map(({ key }) => key)).size).toBe(2);
  });

  it('keeps the context that the client gives to every mutation', async () => {
    const sent = await visit.page.evaluate(async () => {
      window.show('pay');
      await window.mutate({ variables: { amount: 1 } });
      await window.mutate({ variables: { amount: 2 }, context: { tenant: 'called' } });
      window.show('pay', { context: { tenant: 'given' } });
      await window.mutate({ variables: { amount: 3 } });
      return window.sent;
    });
    expect(sent.map(({ tenant, region }) => [tenant, region])).toEqual([
      ['defaults', 'eu'],
      ['called', 'eu'],
      ['given', 'eu'],
    ]);
  });

  it('ends its intent with an answer, and with nothing else, if the connection then fails', async () => {
    const verdicts = await visit.page.evaluate(async () => {
      const seen: unknown[] = [];
      const cases: [cut: 'now' | 'later', part: object][] = [
        ['later', {}],
        ['now', {}],
        ['later', { extensions: {} }],
      ];
      for (const [amount, [cut, part]] of cases.entries()) {
        window.show('pay');
        Object.assign(window, { cut, part });
        const answer = await window.mutate({ variables: { amount } }).then(
          () => 'answered',
          () => 'failed',
        );
        await new Promise((done) => setTimeout(done, 50));
        seen.push([answer, window.result.unsettled]);
        window.show('book');
      }
      return seen;
    });
    expect(verdicts).toEqual([
      ['answered', false],
      ['failed', true],
      ['answered', true],
    ]);
  });

  it('rejects what cannot be sent, and does not throw', async () => {
    const answer = await visit.page.evaluate(async () => {
      window.show('pay');
      const input: Record<string, unknown> = {};
      input['input'] = input;
      const call = window.mutate({ variables: { input } });
      return call.then(
        () => 'sent',
        (error: unknown) => (error as Error).name,
      );
    });
    expect(answer).toBe('TypeError');
  });

  it('keeps the intents of two mutations apart that share a storageKey', async () => {
    const call = (name: string, offline: boolean): Promise<unknown> =>
      visit.page.evaluate(
        async ([mutation, isOffline]) => {
          window.offline = isOffline;
          window.show(mutation, { storageKey: 'shared' });
          await window.mutate({ variables: { amount: 1 } }).catch(() => undefined);
          return window.sent.at(-1)?.['key'];
        },
        [name, offline] as const,
      );
    const first = await call('pay', true);
    await call('book', false);
    await visit.page.reload();
    expect(await call('pay', false)).toBe(first);
  });
});
