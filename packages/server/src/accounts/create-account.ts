import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import { isCurrency } from '../pricing/currencies.ts';
import { Refusal } from '../refusal.ts';
import { checkPassword, hashPassword } from './passwords.ts';
import { insertAccount, insertUser, isDuplicate, type Writer } from './store-accounts.ts';

export interface NewAccount {
  name: string;
  /** ISO alpha-2, upper case. */
  country: string;
  /** ISO 4217, upper case. */
  currency: string;
  /** False: goes below zero, down to minus the credit limit. */
  prepaid: boolean;
  /** Null = no limit. Says nothing of a prepaid account. */
  creditLimitMicro: number | null;
  anySenderNumber: boolean;
}

export interface NewUser {
  accountId: number;
  username: string;
  /** Null = signs in with keys only. */
  password: string | null;
  email?: string;
  /** The account's first user, who owns it. */
  isMain: boolean;
}

/**
 * Opens an account with an empty ledger and one POLL rule each for receipts and inbound messages. Answers its id.
 * @throws Refusal `bad-request` for a country or currency that is none.
 */
export async function createAccount(parts: { clock: Clock }, tx: Writer, account: NewAccount): Promise<number> {
  const fields: Record<string, string> = {};
  if (!/^[A-Z]{2}$/.test(account.country))
    fields.country = `"${account.country}" is no country: two capital letters, like AU.`;
  if (!isCurrency(account.currency))
    fields.currency = `"${account.currency}" is no currency: three capital letters, like USD.`;
  if (account.name.trim() === '') fields.name = 'An account needs a name.';
  refuseAny(fields);
  return insertAccount(tx, {
    name: account.name,
    country: account.country,
    currency: account.currency,
    prepaid: account.prepaid,
    credit_limit_micro: account.creditLimitMicro,
    any_sender_number: account.anySenderNumber,
    created_at: parts.clock.now(),
  });
}

/** @throws Refusal `bad-request` for a name that is taken or cannot be used, or a password too short or too long. */
export async function createUser(parts: { clock: Clock; random: Random }, tx: Writer, user: NewUser): Promise<number> {
  checkUsername(user.username);
  if (user.password !== null) checkPassword(user.password);
  const password_hash = user.password === null ? null : await hashPassword(user.password, parts.random);
  return refuseTaken(user.username, () =>
    insertUser(tx, {
      account_id: user.accountId,
      username: user.username,
      email: user.email ?? '',
      password_hash,
      is_main: user.isMain,
      created_at: parts.clock.now(),
    }),
  );
}

/** HTTP Basic divides at the first colon, so a name can hold none; control characters and edge spaces only mislead. */
export function checkUsername(username: string): void {
  const usable = /^[^:\p{C}]{1,128}$/u.test(username) && username === username.trim();
  if (!usable) refuseAny({ username: 'A username has 1 to 128 characters, no colon, and no space at either end.' });
}

/** Runs what stores a username; a name that another user has becomes a refusal. */
export async function refuseTaken<T>(username: string, store: () => Promise<T>): Promise<T> {
  try {
    return await store();
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    throw new Refusal('bad-request', `The username "${username}" is taken.`, { fields: { username: 'Is taken.' } });
  }
}

function refuseAny(fields: Record<string, string>): void {
  const words = Object.values(fields);
  if (words.length > 0) throw new Refusal('bad-request', words.join(' '), { fields });
}
