import { Arg, Authorized, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { CallerContext } from '../context.js';
import { accountsOf, findAccount, renameAccount } from '../ledger/accounts.js';
import { LOOKUP, TRANSACTION } from './complexity.js';
import { withLedgerErrors } from './ledger-errors.js';
import { Account, User } from './types.js';

@Resolver()
export class AccountResolver {
  @Authorized()
  @Query(() => User, { description: 'The caller.', complexity: LOOKUP })
  async viewer(@Ctx() { caller, ledger }: CallerContext): Promise<User> {
    const records = await ledger.read(accountsOf(caller));
    const accounts = records.map((account) => Account.from(account));
    return Object.assign(new User(), { id: caller, name: caller, accounts });
  }

  @Authorized()
  @Query(() => Account, {
    nullable: true,
    description: 'An account of the caller.',
    complexity: LOOKUP,
  })
  async account(
    @Arg('id', () => ID) id: string,
    @Ctx() { caller, ledger }: CallerContext,
  ): Promise<Account | null> {
    const account = await ledger.read(findAccount(id));
    return account?.owner === caller ? Account.from(account) : null;
  }

  @Authorized()
  @Mutation(() => Account, {
    description: 'Not marked: doing it twice is doing it once.',
    complexity: TRANSACTION,
  })
  async renameAccount(
    @Arg('id', () => ID) id: string,
    @Arg('name', () => String) name: string,
    @Ctx() { caller, ledger }: CallerContext,
  ): Promise<Account> {
    const renamed = await withLedgerErrors(() => ledger.write(renameAccount(caller, id, name)));
    return Account.from(renamed);
  }
}
