import Big from 'big.js';
import BigNumber from 'bignumber.js';
import { Decimal } from 'decimal.js';
import createDinero from 'dinero.js';
import { testFamily, type Sample } from './samples.js';

/** As Prisma's client exports it: a class of its own, cloned from the library's. */
const PrismaDecimal = Decimal.clone();

/** A payment whose amount is a number of a library. */
function amountOf(
  library: string,
  what: string,
  amount: () => unknown,
  cents: (amount: never) => unknown,
): Sample {
  return {
    ...{ library, what, kept: 'response' },
    make: () => ({ id: 1, amount: amount() }),
    fields: 'id: ID! amount: Float! text: Text! cents: Int!',
    resolvers: {
      text: ({ amount: value }: { amount: unknown }) => value,
      cents: ({ amount: value }: { amount: never }) => cents(value),
    },
    select: ['{ id amount text cents }', '{ id }'],
  };
}

testFamily('Numbers and money', [
  amountOf(
    'decimal.js',
    'Decimal',
    () => new Decimal('12.34'),
    (amount: Decimal) => amount.mul(100).toNumber(),
  ),
  amountOf(
    'Prisma',
    'Prisma.Decimal',
    () => new PrismaDecimal('12.34'),
    (amount: Decimal) => amount.mul(100).toNumber(),
  ),
  amountOf(
    'big.js',
    'Big',
    () => new Big('12.34'),
    (amount: Big) => amount.times(100).toNumber(),
  ),
  amountOf(
    'bignumber.js',
    'BigNumber',
    () => new BigNumber('12.34'),
    (amount: BigNumber) => amount.times(100).toNumber(),
  ),
  {
    ...{ library: 'dinero.js', what: 'Dinero', kept: 'response' },
    make: () => createDinero({ amount: 1_234, currency: 'EUR' }),
    fields: 'cents: Int! currency: String!',
    resolvers: {
      cents: (money: ReturnType<typeof createDinero>) => money.getAmount(),
      currency: (money: ReturnType<typeof createDinero>) => money.getCurrency(),
    },
    select: ['{ cents currency }', '{ cents }'],
  },
  {
    ...{ library: 'JavaScript', what: 'bigint', kept: 'value' },
    make: () => ({ amount: 12_345_678_901_234_567_890n }),
    fields: 'amount: Text! id: ID',
    select: ['{ amount }', '{ id amount }'],
  },
]);
