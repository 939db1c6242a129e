import { createEvents } from '../../src/core/events.js';
import { observe, type FieldSpan, type Telemetry } from '../../src/core/telemetry.js';
import { settle } from '../support/manual-clock.js';

const EVENT = { type: 'storeSetting', problem: 'none' } as const;

const ATTEMPTS: readonly [string, () => unknown][] = [
  ['throws', () => raise()],
  ['rejects', () => Promise.reject(new Error('callback'))],
  ['rejects later', () => settle().then(raise)],
  [
    'returns what throws when it is awaited',
    () => ({
      get then() {
        return raise();
      },
    }),
  ],
  ['returns something', () => 'something'],
];

function raise(): never {
  throw new Error('callback');
}

let unhandled: unknown[];
const note = (reason: unknown): void => void unhandled.push(reason);

beforeEach(() => {
  unhandled = [];
  process.on('unhandledRejection', note);
});

afterEach(() => {
  process.off('unhandledRejection', note);
});

describe.each(ATTEMPTS)('a callback that %s', (_, act) => {
  it('as onEvent changes nothing, and ends no process', async () => {
    const heard: unknown[] = [];
    const source = createEvents(act, (event) => heard.push(event));
    source.listener?.(EVENT);
    await settle();
    await settle();
    expect(heard).toEqual([EVENT]);
    expect(unhandled).toEqual([]);
  });

  it('as telemetry changes nothing, and ends no process', async () => {
    const span: FieldSpan = {
      get context() {
        return act() as never;
      },
      link: act,
      tell: act,
      end: act,
    };
    const telemetry: Telemetry = {
      onEvent: act,
      startField: (_operation, run) => {
        void run(span);
        return act() as never;
      },
    };
    let runs = 0;
    const answered = await observe(telemetry, 'Mutation.pay', async (given) => {
      runs += 1;
      given.link({ traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 1 });
      given.tell(EVENT);
      given.end();
      expect(given.context).toBeUndefined();
      return Promise.resolve('answer');
    });
    await settle();
    await settle();
    expect([answered, runs]).toEqual(['answer', 1]);
    expect(unhandled).toEqual([]);
  });
});

describe('telemetry', () => {
  const SPAN: FieldSpan = {
    context: undefined,
    link: () => undefined,
    tell: () => undefined,
    end: () => undefined,
  };

  it('that calls back later, or twice, does not run the request a second time', async () => {
    let runs = 0;
    const run = (): Promise<number> => Promise.resolve((runs += 1));
    const later: Telemetry = {
      onEvent: () => undefined,
      startField: (async (_operation: string, begin: (span: FieldSpan) => unknown) => {
        await settle();
        return begin(SPAN);
      }) as never,
    };
    const twice: Telemetry = {
      onEvent: () => undefined,
      startField: (_operation, begin) => {
        begin(SPAN);
        return begin(SPAN);
      },
    };
    expect(await observe(later, 'Mutation.pay', run)).toBe(1);
    await settle();
    await settle();
    expect(await observe(twice, 'Mutation.pay', run)).toBe(2);
    expect(runs).toBe(2);
  });

  it('may await the request, whose failure is told once', async () => {
    const awaiting: Telemetry = {
      onEvent: () => undefined,
      startField: (async (_operation: string, begin: (span: FieldSpan) => unknown) => {
        await begin(SPAN);
      }) as never,
    };
    const failing = observe(awaiting, 'Mutation.pay', () => Promise.reject(new Error('boom')));
    await expect(failing).rejects.toThrow('boom');
    await settle();
    expect(unhandled).toEqual([]);
  });

  it.each([
    ['no trace id', { traceId: undefined, spanId: '1'.repeat(16), traceFlags: 1 }],
    ['a short span id', { traceId: '1'.repeat(32), spanId: '1', traceFlags: 1 }],
    ['no flags', { traceId: '1'.repeat(32), spanId: '1'.repeat(16) }],
  ])('whose context has %s is taken for untraced', async (_, context) => {
    const telemetry: Telemetry = {
      onEvent: () => undefined,
      startField: (_operation, run) => run({ ...SPAN, context: context as never }),
    };
    const seen = await observe(telemetry, 'Mutation.pay', (span) => Promise.resolve(span.context));
    expect(seen).toBeUndefined();
  });
});
