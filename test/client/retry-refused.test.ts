import { ApolloClient, ApolloLink, gql, InMemoryCache } from '@apollo/client';
import { Observable } from 'rxjs';
import { IdempotencyLink } from '../../src/client/apollo/index.js';
import type { IdempotencyClientOptions } from '../../src/client/index.js';
import { ManualClock } from '../support/manual-clock.js';

const PAY = gql`
  mutation Pay {
    pay
  }
`;

const REFUSED: ApolloLink.Result = {
  errors: [
    { message: 'Busy.', extensions: { code: 'IDEMPOTENCY_CONCURRENT_REQUEST', retryable: true } },
  ],
};

describe('A refused operation', () => {
  let clock: ManualClock;
  let sendings: number;

  beforeEach(() => {
    clock = new ManualClock();
    sendings = 0;
  });

  /** Sends it through the link to `answer`. */
  function send(
    answer: () => Observable<ApolloLink.Result>,
    options: IdempotencyClientOptions = {},
    context: Record<string, unknown> = {},
  ): Observable<ApolloLink.Result> {
    const last = new ApolloLink(() => {
      sendings += 1;
      return answer();
    });
    const link = ApolloLink.from([
      new IdempotencyLink({ isIdempotent: () => true, clock, random: () => 0, ...options }),
      last,
    ]);
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    return ApolloLink.execute(link, { query: PAY, context }, { client });
  }

  const refuse = (): Observable<ApolloLink.Result> =>
    new Observable((observer) => {
      observer.next(REFUSED);
      observer.complete();
    });

  it('is not sent again if the listener that is told of it unsubscribes', async () => {
    let stop = (): void => undefined;
    const later = (): Observable<ApolloLink.Result> =>
      new Observable((observer) => {
        setImmediate(() => {
          observer.next(REFUSED);
          observer.complete();
        });
      });
    const subscription = send(later, {
      onRetry: () => {
        stop();
      },
    }).subscribe({});
    stop = () => {
      subscription.unsubscribe();
    };
    await clock.advance(10_000);
    expect([sendings, clock.pending]).toEqual([1, 0]);
  });

  it('is not sent again if the listener that is told of it aborts', async () => {
    const abort = new AbortController();
    const onRetry = (): void => {
      abort.abort(new Error('Left.'));
    };
    const errors: unknown[] = [];
    send(refuse, { onRetry }, { fetchOptions: { signal: abort.signal } }).subscribe({
      error: (error: unknown) => errors.push(error),
    });
    await clock.advance(10_000);
    expect(errors).toEqual([new Error('Left.')]);
    expect([sendings, clock.pending]).toEqual([1, 0]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('A listener.');
      },
    ],
    ['rejects', () => Promise.reject(new Error('A listener.'))],
    [
      'gives something like a promise that throws',
      () => ({
        then() {
          throw new Error('A listener.');
        },
      }),
    ],
  ])('is sent again all the same if a listener %s', async (_, onRetry: () => unknown) => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const results: unknown[] = [];
    send(refuse, { onRetry }).subscribe((result) => results.push(result));
    await clock.advance(60_000);
    process.off('unhandledRejection', note);
    expect([results, sendings, unhandled]).toEqual([[REFUSED], 5, []]);
  });

  it.each([
    ['throws', () => Number(Symbol('no number'))],
    ['is no number', () => NaN],
    ['is too large', () => 1e9],
  ])('comes back in time if what spreads it out %s', async (_, random) => {
    const results: unknown[] = [];
    send(refuse, { random }).subscribe((result) => results.push(result));
    await clock.advance(250 + 500 + 1_000 + 2_000);
    expect([results, sendings]).toEqual([[REFUSED], 5]);
  });

  it.each([
    ['isIdempotent', { isIdempotent: () => Promise.reject(new Error('Later.')) as never }],
    ['isIdempotent', { isIdempotent: () => Promise.resolve(false) as never }],
    ['generateKey', { generateKey: () => Promise.reject(new Error('Later.')) as never }],
    ['generateKey', { generateKey: () => Promise.resolve('a-key') as never }],
  ])('is not sent if its %s is a promise', async (_, options) => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const errors: unknown[] = [];
    send(refuse, options).subscribe({ error: (error: unknown) => errors.push(error) });
    await clock.advance(60_000);
    process.off('unhandledRejection', note);
    expect([errors, sendings, unhandled]).toEqual([[expect.any(Error)], 0, []]);
  });

  it('fails if a link throws when it is sent again', async () => {
    const errors: unknown[] = [];
    send(() => {
      if (sendings === 2) throw new Error('A broken link.');
      return refuse();
    }).subscribe({ error: (error: unknown) => errors.push(error) });
    await clock.advance(10_000);
    expect(errors).toEqual([new Error('A broken link.')]);
  });

  it('leaves no attempt open behind it', async () => {
    let open = 0;
    const subscription = send(
      () =>
        new Observable((observer) => {
          open += 1;
          observer.next(REFUSED);
          return () => {
            open -= 1;
          };
        }),
    ).subscribe({});
    await clock.advance(60_000);
    expect(sendings).toBe(5);
    subscription.unsubscribe();
    expect(open).toBe(0);
  });

  it.each([-5, NaN, Infinity, 1e12, '5', null])(
    'is sent a few times at most if it should come back after %p',
    async (retryAfterMs) => {
      const [error] = REFUSED.errors ?? [];
      const refusal = {
        errors: [{ message: 'Busy.', extensions: { ...error?.extensions, retryAfterMs } }],
      };
      const results: unknown[] = [];
      send(
        () =>
          new Observable((observer) => {
            observer.next(refusal);
            observer.complete();
          }),
      ).subscribe((result) => results.push(result));
      await clock.advance(60_000);
      expect(results).toEqual([refusal]);
      expect(sendings).toBe(retryAfterMs === 1e12 ? 1 : 5);
      expect(clock.pending).toBe(0);
    },
  );

  it.each([[{ errors: null }], [{ errors: [{ message: 'Plain.' }] }], [{ errors: [null] }]])(
    'is one with a code: not %j',
    async (result) => {
      const results: unknown[] = [];
      send(
        () =>
          new Observable((observer) => {
            observer.next(result as never);
            observer.complete();
          }),
      ).subscribe((one) => results.push(one));
      await clock.advance(60_000);
      expect([results, sendings]).toEqual([[result], 1]);
    },
  );
});
