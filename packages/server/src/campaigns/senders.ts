import type { Caller } from '../accounts/caller.ts';
import { ownAmong } from '../channels/sms/own-senders.ts';
import { choicesByCountry, classifySender, type Sender } from '../channels/sms/senders.ts';
import type { Pool } from '../db/transaction.ts';
import { Refusal } from '../refusal.ts';
import type { NewCampaign } from './campaign.ts';

/** Which sender the recipients of a country see. */
export interface Senders {
  /** For messages to a country without a choice of its own. */
  readonly usual: Sender;
  /** Whether somebody who answers STOP is heard: shared numbers and the account's own dedicated ones. */
  readonly canBeAnswered: boolean;
  of(country: string): Sender;
}

/**
 * The senders of a campaign, checked as for single messages: the usual one, and one per country where the caller chose so.
 *
 * @throws Refusal bad-request for a sender that is none, or a number that is not the account's.
 */
export async function sendersOf(
  parts: { pool: Pool },
  caller: Caller,
  campaign: Pick<NewCampaign, 'sender' | 'senders'>,
): Promise<Senders> {
  const { account } = caller;
  const usual = must(classifySender(campaign.sender || account.defaultSender, account.country), 'from');
  const byCountry = choicesByCountry(campaign.senders ?? []);
  const all = [usual, ...[...byCountry.values()].map((sender) => must(sender, 'senders'))];
  const own = await ownAmong(parts.pool, caller.accountId, all);
  const foreign = all.find(({ kind, sender }) => kind === 'number' && !own.has(sender))?.sender;
  if (foreign !== undefined && !account.anySenderNumber) {
    const field = foreign === usual.sender ? 'from' : 'senders';
    throw refusal(field, `${field}: ${foreign} is not a number of this account.`);
  }
  return {
    usual,
    canBeAnswered: all.every(({ kind, sender }) => kind === 'shared' || (kind === 'number' && own.has(sender))),
    of: (country) => byCountry.get(country) ?? usual,
  };
}

function must(sender: Sender | null, field: string): Sender {
  if (sender) return sender;
  throw refusal(field, `${field} is neither a tag of 3 to 11 letters and digits nor a number.`);
}

const refusal = (field: string, words: string) => new Refusal('bad-request', words, { fields: { [field]: words } });
