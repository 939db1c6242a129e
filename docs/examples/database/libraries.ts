import type { Execution } from 'graphql-idempotency';
import {
  fromDrizzle,
  fromKnex,
  fromKysely,
  fromPrisma,
  fromTypeOrm,
} from 'graphql-idempotency/database';
import { sql } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { integer, pgTable, serial } from 'drizzle-orm/pg-core';
import type { Knex } from 'knex';
import type { Generated, Kysely } from 'kysely';
import type { DataSource } from 'typeorm';
import type { PrismaClient } from '../../../test/database/adapters/prisma/generated/client.js';

interface Payment {
  readonly id: number;
  readonly amount: number;
}

interface Tables {
  payments: { id: Generated<number>; amount: number };
}

const payments = pgTable('payments', { id: serial().primaryKey(), amount: integer().notNull() });

export const payWithPrisma = (execution: Execution, prisma: PrismaClient, amount: number) =>
  execution.transaction(fromPrisma(prisma), (tx) => tx.payments.create({ data: { amount } }));

export const payWithDrizzle = (execution: Execution, db: NodePgDatabase, amount: number) =>
  execution.transaction(fromDrizzle(db, { sql }), async (tx) => {
    const [payment] = await tx.insert(payments).values({ amount }).returning();
    return payment;
  });

export const payWithKnex = (execution: Execution, knex: Knex, amount: number) =>
  execution.transaction(fromKnex(knex), async (tx) => {
    const [payment] = await tx<Payment>('payments').insert({ amount }).returning(['id', 'amount']);
    return payment;
  });

export const payWithKysely = (execution: Execution, db: Kysely<Tables>, amount: number) =>
  execution.transaction(fromKysely(db), (tx) =>
    tx.insertInto('payments').values({ amount }).returningAll().executeTakeFirstOrThrow(),
  );

export const payWithTypeOrm = (execution: Execution, dataSource: DataSource, amount: number) =>
  execution.transaction(fromTypeOrm(dataSource), async (manager) => {
    const { identifiers } = await manager.insert<Payment>('payments', { amount });
    return { id: identifiers[0]?.['id'] as number, amount };
  });
