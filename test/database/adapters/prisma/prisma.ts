import { PrismaPg } from '@prisma/adapter-pg';

import { fromPrisma } from '../../../../src/stores/database/index.js';
import type { Library, Opened, Same, TransactionOf } from '../library.js';
import { postgresAt } from '../postgres.js';
// Made of schema.prisma by `prisma generate`, with 7.10.0.
import { PrismaClient, type Prisma } from './generated/client.js';

const takesItsTypes: Same<
  TransactionOf<ReturnType<typeof fromPrisma<PrismaClient>>>,
  Prisma.TransactionClient
> = true;

/** Prisma over `pg`. */
export const prismaPostgres: Library = {
  name: 'fromPrisma',
  commit: 'COMMIT',
  wrong: [() => fromPrisma(null as never), () => fromPrisma({ $transaction: () => takesItsTypes })],
  open({ port, max }) {
    const target = postgresAt(port);
    const options = { onPoolError: () => undefined, onConnectionError: () => undefined };
    return opened(new PrismaClient({ adapter: new PrismaPg({ ...target, max }, options) }));
  },
};

function opened(prisma: PrismaClient): Opened<Prisma.TransactionClient> {
  return {
    database: fromPrisma(prisma),
    // One with extensions does as well.
    withTable: (table) => fromPrisma(prisma.$extends({}) as unknown as PrismaClient, { table }),
    pay: (tx) => tx.payments.create({ data: { amount: 5 } }),
    // Of what gives no rows Prisma says how many it changed.
    send: (tx, sql) =>
      sql.startsWith('SELECT') ? tx.$queryRawUnsafe(sql) : tx.$executeRawUnsafe(sql),
    fromOpen: (tx) => fromPrisma(tx as never),
    close: () => prisma.$disconnect(),
  };
}
