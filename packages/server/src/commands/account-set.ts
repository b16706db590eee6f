import type { Selectable, Updateable } from 'kysely';
import { lockAccount, updateAccount } from '../accounts/store-accounts.ts';
import { classifySender } from '../channels/sms/senders.ts';
import type { AccountsRow } from '../db/schema.ts';
import { parseAmount } from '../ledger/amount.ts';
import { Refusal } from '../refusal.ts';
import { ownNumbers } from '../senders/store.ts';
import { type Command, type CommandParts, readArgs } from './command.ts';
import { userOf } from './user-of.ts';

type Account = Selectable<AccountsRow>;
type Change = Updateable<AccountsRow>;

/** Each setting by its option: what the text given for it changes. */
const SETTINGS: Readonly<Record<string, (text: string, option: string, account: Account) => Change>> = {
  // A part's place and their count are one octet each (3GPP TS 23.040 §9.2.3.24.1).
  'max-parts': (text, option) => ({ max_parts: wholeNumber(text, option, 1, 255) }),
  'truncate-long': (text, option) => ({ truncate_long: yesNo(text, option) }),
  prepaid: (text, option) => ({ prepaid: yesNo(text, option) }),
  'credit-limit': (text) => ({ credit_limit_micro: text === 'none' ? null : parseAmount(text) }),
  'any-sender': (text, option) => ({ any_sender_number: yesNo(text, option) }),
  // A day: nodes remember some 200,000 messages at most, so a longer time would promise what they cannot keep.
  'throttle-seconds': (text, option) => ({ throttle_ms: wholeNumber(text, option, 0, 86_400) * 1000 }),
  'default-sender': (text, _, account) => ({ default_sender: sender(text, account.country) }),
  'campaign-recipients': (text, option) => ({ campaign_recipients: wholeNumber(text, option, 1, 1_000_000) }),
  'campaign-opt-out': (text, option) => ({ campaign_opt_out: oneOf(text, option, ['off', 'warn', 'require']) }),
  active: (text, option) => ({ active: yesNo(text, option) }),
};

const OPTIONS = Object.fromEntries(Object.keys(SETTINGS).map((option) => [option, { type: 'string' }] as const));

export const accountSet: Command = {
  name: 'account set',
  usage:
    '<username> [--max-parts <n>] [--truncate-long yes|no] [--prepaid yes|no] [--credit-limit <amount>|none] ' +
    '[--any-sender yes|no] [--throttle-seconds <n>] [--default-sender <tag or number>] ' +
    '[--campaign-recipients <n>] [--campaign-opt-out off|warn|require] [--active yes|no]',
  summary: "Change settings of the account of a user; --default-sender '' = the shared number.",
  async run(parts, args) {
    const { username, options } = readArgs(this, args, ['username'], OPTIONS);
    const given = Object.entries(options).map(([option, text]) => [option, String(text)] as const);
    if (given.length === 0)
      throw new Refusal('bad-request', `Nothing to set.\nUsage: veredus ${this.name} ${this.usage}`);
    const { accountId } = await userOf(parts, username);
    await parts.db.engine.transaction().execute(async (tx) => {
      const account = await lockAccount(tx, accountId);
      const changes = given.map(([option, text]) => SETTINGS[option]?.(text, `--${option}`, account));
      const change: Change = Object.assign({}, ...changes);
      await checkTogether(parts, { ...account, ...change } as Account, change);
      await updateAccount(tx, accountId, change);
    });
    parts.out(`Account ${accountId} is changed: ${given.map(([option]) => option).join(', ')}.`);
    parts.out('Running nodes follow within 5 s.');
    return 0;
  },
};

/** What each setting cannot say alone. @throws Refusal `bad-request` */
async function checkTogether({ db }: Pick<CommandParts, 'db'>, account: Account, change: Change): Promise<void> {
  if (account.prepaid && change.credit_limit_micro !== undefined)
    throw new Refusal('bad-request', 'A prepaid account has no credit limit: --credit-limit goes with --prepaid no.');
  if (change.default_sender === undefined && change.any_sender_number === undefined) return;
  const number = account.default_sender;
  if (account.any_sender_number || !number.startsWith('+')) return;
  // Every message that names no sender would be refused.
  if (!(await ownNumbers(db.enginePool, account.account_id, [number])).has(number))
    throw new Refusal('bad-request', `The default sender ${number} is no number of the account: add it first.`);
}

function sender(text: string, country: string): string {
  const read = classifySender(text, country);
  if (read) return read.sender;
  throw new Refusal('bad-request', `"${text}" is no sender: a tag of 3 to 11 letters and digits, or a number.`);
}

function yesNo(text: string, option: string): boolean {
  if (text !== 'yes' && text !== 'no') throw new Refusal('bad-request', `${option} is yes or no, not "${text}".`);
  return text === 'yes';
}

function oneOf(text: string, option: string, words: readonly string[]): string {
  if (words.includes(text)) return text;
  throw new Refusal('bad-request', `${option} is ${words.join(', ')}, not "${text}".`);
}

function wholeNumber(text: string, option: string, least: number, most: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new Refusal('bad-request', `${option} is a whole number from ${least} to ${most}, not "${text}".`);
}
