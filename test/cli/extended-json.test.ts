import { decodeToJson, encodeError, encodeJson } from '../../src/cli/extended-json.js';
import { encodeValue } from '../../src/core/codec.js';

const shown = (value: unknown): unknown => decodeToJson(encodeValue(value, { bytesMax: 10_000 }));

describe('extended JSON', () => {
  it.each([
    ['{"id":"pay_1","amount":1250,"parts":[1,null,true,"x"]}'],
    ['{"__typename":"Payment","at":{"$date":"2026-11-25T00:00:00.000Z"}}'],
    ['{"total":{"$bigint":"123456789012345678901234567890"}}'],
    ['{"file":{"$bytes":"AAEC"}}'],
    ['[{"$number":"NaN"},{"$number":"-0"},{"$number":"-Infinity"},{"$undefined":true}]'],
    ['null'],
  ])('says the same when it is written and shown: %s', (json) => {
    expect(decodeToJson(encodeJson(json))).toEqual(JSON.parse(json));
  });

  it('shows what it cannot write', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(shown({ set: new Set([1]), map: new Map([['a', 1n]]), cycle })).toEqual({
      set: { $set: [1] },
      map: { $map: [['a', { $bigint: '1' }]] },
      cycle: { self: { $circular: true } },
    });
    expect(decodeToJson(encodeError('No.', { code: 'NO' }))).toMatchObject({
      message: 'No.',
      extensions: { code: 'NO' },
    });
  });

  it.each([
    ['{"$map":[]}', '$map cannot be written'],
    ['{"$scalar":"Money"}', '$scalar cannot be written'],
    ['{"$bigint":"x"}', '$bigint cannot be "x"'],
    ['{"$bigint":""}', '$bigint cannot be ""'],
    ['{"$bytes":"AA"}', '$bytes cannot be "AA"'],
    ['{"$bytes":"A=AA"}', '$bytes cannot be "A=AA"'],
    ['{"$date":"yesterday"}', '$date cannot be "yesterday"'],
    ['{"$date":"2026-02-30T00:00:00Z"}', 'there is no such time'],
    ['{"$date":0}', '$date cannot be 0'],
    ['{"$number":"12"}', '$number cannot be "12"'],
    ['{"$undefined":false}', '$undefined cannot be false'],
    ['{"a":', 'is not JSON'],
  ])('refuses %s', (json, sentence) => {
    expect(() => encodeJson(json)).toThrow(sentence);
  });
});
