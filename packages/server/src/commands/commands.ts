import { Refusal } from '../refusal.ts';
import { accountCreate } from './account-create.ts';
import { accountSet } from './account-set.ts';
import { accountShow } from './account-show.ts';
import type { Command, CommandParts } from './command.ts';
import { esmeAdd } from './esme-add.ts';
import { esmeDisable, esmeEnable } from './esme-disable.ts';
import { esmeList } from './esme-list.ts';
import { esmeRemove } from './esme-remove.ts';
import { esmeResetPassword } from './esme-reset-password.ts';
import { keyCreate } from './key-create.ts';
import { keyList } from './key-list.ts';
import { keyRevoke } from './key-revoke.ts';
import { ledgerCredit } from './ledger-credit.ts';
import { ledgerVerify } from './ledger-verify.ts';
import { ratesList } from './rates-list.ts';
import { ratesSet } from './rates-set.ts';
import { secretKeyForget } from './secret-key-forget.ts';
import { senderAdd } from './sender-add.ts';
import { senderList } from './sender-list.ts';
import { senderRemove } from './sender-remove.ts';
import { userResetPassword } from './user-reset-password.ts';
import { userSet } from './user-set.ts';

/** Every command beside `start`. */
export const commands: readonly Command[] = [
  accountCreate,
  accountSet,
  accountShow,
  esmeAdd,
  esmeDisable,
  esmeEnable,
  esmeList,
  esmeRemove,
  esmeResetPassword,
  keyCreate,
  keyList,
  keyRevoke,
  ledgerCredit,
  ledgerVerify,
  ratesList,
  ratesSet,
  secretKeyForget,
  senderAdd,
  senderList,
  senderRemove,
  userResetPassword,
  userSet,
];

/** The command that words on the command line begin with, and what follows it; null = none. */
export function findCommand(words: readonly string[]): { command: Command; args: readonly string[] } | null {
  const command = commands.find(({ name }) => name === words.slice(0, name.split(' ').length).join(' '));
  return command ? { command, args: words.slice(command.name.split(' ').length) } : null;
}

/** Runs a command; what the person at the terminal can mend is printed, with exit code 2. */
export async function runCommand(command: Command, parts: CommandParts, args: readonly string[]): Promise<number> {
  try {
    return await command.run(parts, args);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    parts.out(error.message);
    return 2;
  }
}

/** One line for each command. */
export function listCommands(): string[] {
  return commands.map(({ name, usage, summary }) => `veredus ${name} ${usage}`.trimEnd().concat(`\n    ${summary}`));
}
