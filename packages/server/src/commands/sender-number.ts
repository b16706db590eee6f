import { readProfile } from '../accounts/store-accounts.ts';
import { normaliseRecipient } from '../numbers/numbers.ts';
import { Refusal } from '../refusal.ts';
import type { CommandParts } from './command.ts';
import { userOf } from './user-of.ts';

/**
 * The account of a user, and a number as its country writes it in E.164. @throws Refusal `not-found` for the user,
 * `bad-request` for the number.
 */
export async function senderNumber({ db }: Pick<CommandParts, 'db'>, username: string, raw: string) {
  const user = await userOf({ db }, username);
  const account = await readProfile(db.engine, user.userId, null);
  const number = normaliseRecipient(raw, account.country)?.e164;
  if (number !== undefined) return { account, number };
  const words = `"${raw}" is no number: write it like +61411111111, or as it is dialled in ${account.country}.`;
  throw new Refusal('bad-request', `${words} Tags of letters need not be added.`, { fields: { number: words } });
}
