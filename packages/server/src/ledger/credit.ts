import type { Clock } from '@veredus/protocols/clock';
import type { Kysely } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { Refusal } from '../refusal.ts';
import type { Balances } from './entries.ts';
import { accountExists, findAccountOf, insertEntry } from './store.ts';

export interface Credit {
  /** Whose account: its id, or the name of any of its users. */
  account: number | { username: string };
  /** Above zero. */
  amountMicro: number;
  /** Why, for the books: an invoice number, a name. */
  note: string | null;
}

/** Puts money into an account: funding -> available. Answers the balances after it. @throws Refusal `not-found` */
export async function creditAccount(engine: Kysely<Schema>, clock: Clock, credit: Credit): Promise<Balances> {
  const { amountMicro, note } = credit;
  if (!Number.isSafeInteger(amountMicro) || amountMicro <= 0) {
    throw new Refusal('bad-request', 'An amount to credit is above zero.');
  }
  const accountId = await accountOf(engine, credit.account);
  return insertEntry(engine, { accountId, kind: 'credit', amountMicro, note, at: clock.now() });
}

async function accountOf(engine: Kysely<Schema>, account: Credit['account']): Promise<number> {
  if (typeof account === 'number') {
    if (await accountExists(engine, account)) return account;
    throw new Refusal('not-found', `There is no account ${account}.`);
  }
  const accountId = await findAccountOf(engine, account.username);
  if (accountId === null) throw new Refusal('not-found', `There is no user "${account.username}".`);
  return accountId;
}
