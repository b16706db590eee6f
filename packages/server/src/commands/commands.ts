import { Refusal } from '../refusal.ts';
import { accountCreate } from './account-create.ts';
import { accountSet } from './account-set.ts';
import { accountShow } from './account-show.ts';
import { agentCreate } from './agent-create.ts';
import { agentDelete } from './agent-delete.ts';
import { agentDisable, agentEnable } from './agent-disable.ts';
import { agentList } from './agent-list.ts';
import { agentRotateKey } from './agent-rotate-key.ts';
import { agentShow } from './agent-show.ts';
import type { Command, CommandParts, LooseCommand, LooseParts } from './command.ts';
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
import { mcp } from './mcp.ts';
import { ratesList } from './rates-list.ts';
import { ratesSet } from './rates-set.ts';
import { secretKeyForget } from './secret-key-forget.ts';
import { senderAdd } from './sender-add.ts';
import { senderList } from './sender-list.ts';
import { senderRemove } from './sender-remove.ts';
import { userResetPassword } from './user-reset-password.ts';
import { userSet } from './user-set.ts';
import { vaultRotate } from './vault-rotate.ts';

/** Those that need no database of their own. */
export const looseCommands: readonly LooseCommand[] = [mcp];

/** Every other command beside `start`. */
export const commands: readonly Command[] = [
  accountCreate,
  accountSet,
  accountShow,
  agentCreate,
  agentDelete,
  agentDisable,
  agentEnable,
  agentList,
  agentRotateKey,
  agentShow,
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
  vaultRotate,
];

/** The command that words on the command line begin with, and what follows it; null = none. */
export const findCommand = (words: readonly string[]) => find(commands, words);
export const findLooseCommand = (words: readonly string[]) => find(looseCommands, words);

function find<C extends { name: string }>(among: readonly C[], words: readonly string[]) {
  const command = among.find(({ name }) => name === words.slice(0, name.split(' ').length).join(' '));
  return command ? { command, args: words.slice(command.name.split(' ').length) } : null;
}

/** As runCommand; standard output may be for another program, so that people are told on standard error. */
export async function runLooseCommand(
  command: LooseCommand,
  parts: LooseParts,
  args: readonly string[],
): Promise<number> {
  try {
    return await command.run(parts, args);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    parts.say(error.message);
    return 2;
  }
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
  const all = [...commands, ...looseCommands].sort((a, b) => (a.name < b.name ? -1 : 1));
  return all.map(({ name, usage, summary }) => `veredus ${name} ${usage}`.trimEnd().concat(`\n    ${summary}`));
}
