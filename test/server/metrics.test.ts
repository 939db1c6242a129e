import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLog } from '../../src/server/log.js';
import { logEvent } from '../../src/server/log-event.js';
import { keyHeader, ORDER, startPayments, type TestPaymentsServer } from './start.js';

const DASHBOARDS = join(__dirname, '../../docs/dashboards');
const CREATE = `mutation ($input: CreatePaymentInput!) {
  createPayment(input: $input) { ... on Payment { id } }
}`;

describe('the metrics of the payments server', () => {
  let server: TestPaymentsServer;
  beforeAll(async () => {
    server = await startPayments({ processorLatencyMs: 50 });
  });
  afterAll(() => server.stop());

  const scrape = async (): Promise<string> => {
    const response = await fetch(`${server.url}metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    return response.text();
  };
  const pay = (key: string | undefined, amount: number = ORDER.amount): Promise<unknown> =>
    server
      .as('alice')
      .post(CREATE, { input: { ...ORDER, amount } }, key === undefined ? {} : keyHeader(key));

  it('count payments, and know no key and no caller', async () => {
    await Promise.all([pay('order-77'), pay('order-77')]);
    await pay('order-77', 999);
    await pay(undefined);
    const text = await scrape();
    const count = (result: string): string | undefined =>
      new RegExp(`^graphql_idempotency_requests_total{[^}]*"${result}"[^}]*} (\\d+)`, 'm').exec(
        text,
      )?.[1];
    expect([count('executed'), count('replayed')]).toEqual(['1', '1']);
    expect(count('IDEMPOTENCY_KEY_PARAMETER_MISMATCH')).toBe('1');
    expect(count('IDEMPOTENCY_KEY_REQUIRED')).toBe('1');
    expect(text).not.toMatch(/order-77|alice/);
  });

  it.each(['grafana.json', 'alerts.yml'])('have every name that %s asks for', async (file) => {
    const asked = readFileSync(join(DASHBOARDS, file), 'utf8');
    const text = await scrape();
    const missing = (names: Iterable<string>): string[] =>
      [...new Set(names)].filter((name) => !text.includes(name));
    // Collectors add the unit to the name; the exporter of the server does not.
    const named = asked.replaceAll('(_seconds)?', '');
    expect(missing(named.match(/\bgraphql_idempotency_\w+/g) ?? ['none'])).toEqual([]);
    expect(missing(named.match(/(?<![\w.])idempotency_\w+(?==)/g) ?? ['none'])).toEqual([]);
    // Whatever is compared with a label is one of its values somewhere in the library.
    const sources = ['results.ts', 'attributes.ts'].map((name) =>
      readFileSync(join(__dirname, '../../src/opentelemetry', name), 'utf8'),
    );
    const known = `${sources.join('\n')}${readFileSync(join(__dirname, '../../src/core/errors.ts'), 'utf8')}`;
    for (const [, values = ''] of asked.matchAll(
      /idempotency_(?:result|incident|code)=~?\\?"([^"\\$]+)/g,
    )) {
      for (const value of values.split('|')) expect(known).toContain(value);
    }
  });

  it('lead from each alert to a section of the runbook', () => {
    const alerts = readFileSync(join(DASHBOARDS, 'alerts.yml'), 'utf8');
    const runbook = readFileSync(join(DASHBOARDS, '../errors.md'), 'utf8');
    const anchors = new Set(
      [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replace(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
      ),
    );
    const asked = [...alerts.matchAll(/runbook_url: docs\/errors\.md#(\S+)/g)].map(([, to]) => to);
    expect(asked).toHaveLength([...alerts.matchAll(/- alert:/g)].length);
    expect(asked.filter((anchor) => anchor === undefined || !anchors.has(anchor))).toEqual([]);
  });

  it('are not told where they are switched off', async () => {
    const silent = await startPayments({ metrics: false });
    expect((await fetch(`${silent.url}metrics`)).headers.get('content-type')).not.toContain(
      'text/plain; charset=utf-8; version',
    );
    expect(await (await fetch(`${silent.url}metrics`)).text()).not.toContain('graphql_idempotency');
    await silent.stop();
  });
});

describe('the log of the payments server', () => {
  const about = { operation: 'Mutation.pay', recordId: 'pay:x', attempt: 1 };

  function lines(options: Partial<Parameters<typeof createLog>[0]>): string[] {
    const written: string[] = [];
    const write = (line: string): void => void written.push(line);
    const log = createLog({ format: 'text', level: 'info', write, ...options });
    const error = new Error('redis away');
    logEvent({ type: 'claimed', ...about, previous: 'none', durationMs: 1 }, log);
    logEvent({ type: 'notStored', ...about, final: false, error }, log);
    logEvent({ type: 'notStored', ...about, final: true, error }, log);
    logEvent({ type: 'storeSetting', problem: 'appendonly is no' }, log);
    return written;
  }

  it('is words for people, and what matters to them', () => {
    expect(lines({})).toEqual([
      'WARN: idempotency notStored {"operation":"Mutation.pay","recordId":"pay:x","attempt":1,"final":false,"error":"redis away"}',
      'ERROR: idempotency notStored {"operation":"Mutation.pay","recordId":"pay:x","attempt":1,"final":true,"error":"redis away"}',
      'WARN: idempotency storeSetting {"problem":"appendonly is no"}',
    ]);
    expect(lines({ level: 'error' })).toHaveLength(1);
  });

  it('is one JSON object a line for programs, with everything at level debug', () => {
    const parsed = lines({ format: 'json', level: 'debug' }).map(
      (line) => JSON.parse(line) as object,
    );
    expect(parsed).toHaveLength(4);
    expect(parsed[0]).toEqual({
      time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      level: 'debug',
      message: 'idempotency claimed',
      ...about,
      previous: 'none',
      durationMs: 1,
    });
    expect(parsed[1]).toMatchObject({ error: expect.stringContaining('at ') as string });
  });
});
