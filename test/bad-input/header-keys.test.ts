import type { RawRequest, RawResponse } from '../graphql/http.js';
import { PAY, PAY_WITH_ARGUMENT, payments } from './payments.js';
import { expectUntouched, startHttpSubject, statusOf, type HttpSubject } from './subject.js';

const INVALID = 'IDEMPOTENCY_KEY_INVALID';

describe('a key in a header, over HTTP', () => {
  let subject: HttpSubject;

  beforeEach(async () => {
    subject = await startHttpSubject(payments());
  });
  afterEach(() => subject.stop());

  /** Sends header lines, one byte per character. */
  const send = (headers: readonly string[], rest: Partial<RawRequest> = {}): Promise<RawResponse> =>
    subject.send({ headers, body: { query: PAY }, ...rest });
  const pay = (value: string): Promise<RawResponse> => send([`Idempotency-Key: ${value}`]);

  it.each([
    ['row 3: an empty value', ''],
    ['row 4: a quoted empty value', '""'],
    ['row 5: spaces only', '     '],
    ['row 5: a tab only', '\t'],
    ['row 6: blanks within the quotes', '" k1 "'],
    ['row 6: a blank within a bare value', 'k 1'],
    ['row 7: 256 characters', 'x'.repeat(256)],
    ['row 7: 256 quoted characters', `"${'x'.repeat(256)}"`],
    ['row 10: é in latin1', 'cl\u00e9'],
    ['row 10: é in UTF-8', Buffer.from('clé').toString('latin1')],
    ['row 15: a list of two', 'a, b'],
    ['row 16: a quote that is not closed', '"abc'],
    ['row 16: a quote that was not opened', 'abc"'],
    ['row 16: a quote alone', '"'],
    ['row 17: an escaped quote', '"a\\"b"'],
    ['row 18: a parameter after a bare value', 'abc;x=1'],
    ['row 18: a semicolon without a parameter', '"abc";'],
    ['row 18: a blank before the semicolon', '"abc" ;x=1'],
    ['row 18: a parameter without a value', '"abc";x='],
    ['row 18: a parameter whose name is no name', '"abc";X=1'],
    ['row 18: a parameter whose value does not end', '"abc";x="1'],
    ['row 18: a second value after the parameters', '"abc";x=1, "abc"'],
  ])('%s is refused before the store is asked', async (_, value) => {
    const response = await pay(value);
    expectUntouched(subject, response, INVALID);
    expect(response.status).toBe(200);
  });

  it.each([
    ['row 7: 255 characters', 'x'.repeat(255), `"${'x'.repeat(255)}"`],
    ['row 6: blanks around the value, which HTTP drops', ' \t k1 \t ', 'k1'],
    // Only strings are structured here: whatever else RFC 9651 knows is a bare key.
    ['row 19: what would be an integer', '42', '"42"'],
    ['row 19: what would be a boolean', '?1', '"?1"'],
    ['row 19: what would be bytes', ':YQ==:', '":YQ==:"'],
    ['row 18: a parameter after a quoted value, which is ignored', '"abc";x=1', 'abc'],
    [
      'row 18: parameters of every type',
      '"abc";a;b=?1;  c="; \\" ,";d=:YQ==:;e=@-1;f=t:/',
      '"abc"',
    ],
    ['row 20: a quoted and a bare spelling', '"abc"', 'abc'],
  ])('%s is one key in both spellings', async (_, one, two) => {
    const first = await pay(one);
    const second = await pay(two);
    expect(first.body.errors).toBeUndefined();
    expect(second.body.data).toEqual(first.body.data);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(subject.runs).toEqual(['pay']);
  });

  it('row 21: keys that differ by case are two', async () => {
    await pay('ABC');
    const second = await pay('abc');
    expect(statusOf(second, 'pay')).toBe('executed');
    expect(subject.runs).toEqual(['pay', 'pay']);
  });

  it.each([
    ['row 9: 20 KB', [`Idempotency-Key: ${'x'.repeat(20_480)}`], 431],
    ['row 12: a line break that starts a line of its own', ['Idempotency-Key: a\r\nb'], 400],
    ['row 12: a bare carriage return', ['Idempotency-Key: a\rb'], 400],
    ['row 12: a bare line feed', ['Idempotency-Key: a\nb'], 400],
    ['row 13: a zero byte', ['Idempotency-Key: a\u0000b'], 400],
    ['row 14: a folded line', ['Idempotency-Key: a', ' b'], 400],
  ])('%s is refused by Node itself', async (_, headers, status) => {
    const response = await send(headers);
    expect(response.status).toBe(status);
    expect({ runs: subject.runs, asked: subject.asked }).toEqual({ runs: [], asked: [] });
  });

  it.each([
    ['row 15: two headers that differ', 'a', 'b'],
    ['row 15: one header twice', 'a', 'a'],
  ])('%s are a list, and refused', async (_, one, two) => {
    const response = await send([`Idempotency-Key: ${one}`, `Idempotency-Key: ${two}`]);
    expectUntouched(subject, response, INVALID);
  });

  it.each([
    ['row 22: the header and the argument agree', 'k1'],
    ['row 22: the quoted header and the argument agree', '"k1"'],
  ])('%s, and are one key', async (_, header) => {
    const body = { query: PAY_WITH_ARGUMENT, variables: { key: 'k1' } };
    const first = await send([`Idempotency-Key: ${header}`], { body });
    expect(first.body.errors).toBeUndefined();
    const second = await subject.send({ body });
    expect(second.body.data).toEqual(first.body.data);
    expect(subject.runs).toEqual(['pay']);
  });

  it.each([
    ['row 23: header and argument disagree', 'k2'],
    ['row 23: header and argument differ by case', 'K1'],
    ['row 23: the argument is empty beside a header', ''],
  ])('%s: refused', async (_, key) => {
    const body = { query: PAY_WITH_ARGUMENT, variables: { key } };
    expectUntouched(subject, await send(['Idempotency-Key: k1'], { body }), INVALID);
  });

  it('row 32: a key in the query string or in the extensions is none', async () => {
    const extensions = { idempotencyKey: 'k1', 'Idempotency-Key': 'k1' };
    const path = '/?idempotencyKey=k1&Idempotency-Key=k1';
    const response = await send([], { path, body: { query: PAY, extensions } });
    expectUntouched(subject, response, 'IDEMPOTENCY_KEY_REQUIRED');
  });
});

it.each([
  ['row 1: no key', [], 400, 'IDEMPOTENCY_KEY_REQUIRED'],
  ['row 3: an empty key', ['Idempotency-Key: '], 400, INVALID],
  ['row 23: header and argument disagree', ['Idempotency-Key: k2'], 400, INVALID],
])('%s is an HTTP error where httpStatus asks for it', async (_, headers, status, code) => {
  const subject = await startHttpSubject(payments({ options: { httpStatus: true } }));
  const variables = { key: headers.includes('Idempotency-Key: k2') ? 'k1' : null };
  const response = await subject.send({ headers, body: { query: PAY_WITH_ARGUMENT, variables } });
  expect(response.status).toBe(status);
  expectUntouched(subject, response, code);
  await subject.stop();
});
