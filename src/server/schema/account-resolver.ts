import { Arg, Authorized, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { CallerContext } from '../context.js';
import { LOOKUP, TRANSACTION } from './complexity.js';
import { withLedgerErrors } from './ledger-errors.js';
import { Account, User } from './types.js';

@Resolver()
export class AccountResolver {
  @Authorized()
  @Query(() => User, { description: 'The caller.', complexity: LOOKUP })
  viewer(@Ctx() { caller, ledger }: CallerContext): User {
    const accounts = ledger.accounts.ofOwner(caller).map((account) => Account.from(account));
    return Object.assign(new User(), { id: caller, name: caller, accounts });
  }

  @Authorized()
  @Query(() => Account, {
    nullable: true,
    description: 'An account of the caller.',
    complexity: LOOKUP,
  })
  account(
    @Arg('id', () => ID) id: string,
    @Ctx() { caller, ledger }: CallerContext,
  ): Account | null {
    const account = ledger.accounts.find(id);
    return account?.owner === caller ? Account.from(account) : null;
  }

  @Authorized()
  @Mutation(() => Account, {
    description: 'Not marked: doing it twice is doing it once.',
    complexity: TRANSACTION,
  })
  renameAccount(
    @Arg('id', () => ID) id: string,
    @Arg('name', () => String) name: string,
    @Ctx() { caller, ledger }: CallerContext,
  ): Account {
    return Account.from(withLedgerErrors(() => ledger.accounts.rename(caller, id, name)));
  }
}
