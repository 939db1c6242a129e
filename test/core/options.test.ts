import fc from 'fast-check';
import { buildSchema } from 'graphql';
import { optionProblems } from '../../src/core/options/option-problems.js';
import { OPTION_ROWS, type OptionRow } from '../../src/core/options/option-table.js';
import { mergePolicy } from '../../src/core/options/options.js';
import { findMarkedFields } from '../../src/graphql/schema/marked-fields.js';
import { directiveUse } from '../../src/graphql/schema/mark-options.js';
import { IDEMPOTENCY_DEFAULTS, idempotentTypeDefs } from '../../src/index.js';

/** What a mutation's mark is found to be, and what is wrong with it, when it is written in SDL. */
function markedWith(
  name: string,
  value: unknown,
): { policy: unknown; problems: readonly string[] } {
  const use = directiveUse({ [name]: value });
  const { fields, problems } = findMarkedFields(
    buildSchema(`
      ${idempotentTypeDefs}
      type Query { ping: Boolean }
      type Mutation { pay: Boolean ${use} }
    `),
  );
  return { policy: fields.get('pay')?.policy, problems };
}

/** The values of an option that are right. */
function rightValues(row: OptionRow): fc.Arbitrary<unknown> {
  switch (row.kind) {
    case 'whole number':
      return fc.oneof(fc.constantFrom(row.min, row.max), fc.integer(row));
    case 'true or false':
      return fc.boolean();
    case 'choice':
      return fc.constantFrom(...Object.keys(row.choices));
    case 'text':
      return fc.stringMatching(row.pattern, { maxLength: 40 });
    default:
      return row satisfies never;
  }
}

/** The values of an option that are wrong, of any type. */
function wrongValues(row: OptionRow): fc.Arbitrary<unknown> {
  const others: fc.Arbitrary<unknown>[] = [
    fc.constantFrom(NaN, Infinity, -Infinity, 0.5, '', [], {}, 'RELEASE ', 'no way!'),
    fc.object(),
    fc.bigInt(),
  ];
  if (row.kind === 'whole number') {
    const below = fc.oneof(fc.constant(row.min - 1), fc.integer({ max: row.min - 1 }));
    const above = fc.oneof(fc.constant(row.max + 1), fc.integer({ min: row.max + 1 }));
    const between = fc.integer(row).map((value) => value + 0.5);
    others.push(below, above, between, fc.boolean(), fc.integer(row).map(String));
  } else others.push(fc.integer());
  if (row.kind === 'true or false') others.push(fc.constantFrom('true', 'false', 0, 1));
  if (row.kind === 'choice') {
    const names = Object.keys(row.choices);
    others.push(fc.boolean(), fc.constantFrom(...names.map((name) => name.toLowerCase())));
  }
  if (row.kind === 'text') others.push(fc.boolean(), fc.constantFrom('a b', 'ä', 'a\n'));
  return fc.oneof(...others);
}

describe.each(OPTION_ROWS)('the option %s', (name, row) => {
  it('has a default that is right', () => {
    expect(optionProblems({ [name]: row.default })).toEqual([]);
    expect(IDEMPOTENCY_DEFAULTS).toHaveProperty(name, row.default);
  });

  it('takes every right value, the ends of its range among them', () => {
    fc.assert(
      fc.property(rightValues(row), (value) => {
        expect(optionProblems({ [name]: value })).toEqual([]);
      }),
    );
  });

  it('refuses every other value in one sentence that names it, and what it must be', () => {
    fc.assert(
      fc.property(wrongValues(row), (value) => {
        expect(optionProblems({ [name]: value })).toEqual([
          expect.stringMatching(new RegExp(`^${name} must be .+, not [^]*\\.$`)),
        ]);
      }),
    );
  });

  it('counts null and undefined as not written', () => {
    expect(optionProblems({ [name]: null })).toEqual([]);
    expect(optionProblems({ [name]: undefined })).toEqual([]);
  });
});

describe('an option that a mutation may decide for itself', () => {
  const rows = OPTION_ROWS.filter(([, { perMutation }]) => perMutation);

  it.each(rows)('%s is an argument of the directive, and wins over the server’s', (name, row) => {
    fc.assert(
      fc.property(rightValues(row), (value) => {
        expect(markedWith(name, value)).toEqual({ policy: { [name]: value }, problems: [] });
        expect(mergePolicy(IDEMPOTENCY_DEFAULTS, { [name]: value })).toEqual({
          ...mergePolicy(IDEMPOTENCY_DEFAULTS, {}),
          [name]: value,
        });
      }),
    );
  });

  it.each(rows)('%s is checked there, too', (name, row) => {
    const outside = row.kind === 'whole number' ? [row.min - 1, row.max + 1] : ['no way!'];
    const inSdl = row.kind === 'choice' ? ['NO_WAY'] : outside;
    for (const value of inSdl) {
      expect(markedWith(name, value).problems).toEqual([
        expect.stringContaining(`Mutation.pay: ${name} must be `),
      ]);
    }
  });

  it('is every argument of the directive but the key, and every part of a policy', () => {
    const names = rows.map(([name]) => name);
    const args = /directive @idempotent\(([^)]*)\)/.exec(idempotentTypeDefs)?.[1] ?? '';
    expect([...args.matchAll(/(\w+):/g)].map(([, name]) => name)).toEqual(['key', ...names]);
    expect(Object.keys(mergePolicy(IDEMPOTENCY_DEFAULTS, {}))).toEqual(names);
  });
});
