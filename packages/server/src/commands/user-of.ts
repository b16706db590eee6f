import { findUser, type User } from '../accounts/store-accounts.ts';
import { Refusal } from '../refusal.ts';
import type { CommandParts } from './command.ts';

/** The user somebody named on the command line. @throws Refusal `not-found` */
export async function userOf({ db }: Pick<CommandParts, 'db'>, username: string): Promise<User> {
  const user = await findUser(db.engine, username);
  if (!user) throw new Refusal('not-found', `There is no user "${username}".`);
  return user;
}
