import type { Body } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { Caller } from '../accounts/caller.ts';
import { latestSchedule } from '../channels/sms/schedule.ts';
import type { Runner } from '../db/runner.ts';
import { storable } from '../db/storable.ts';
import { checkLongUrl } from '../links/long-url.ts';
import { keepList } from '../lists/store-lists.ts';
import { Refusal } from '../refusal.ts';
import type { NewCampaign } from './campaign.ts';
import type { LaunchParts } from './launch.ts';
import { sendersOf } from './senders.ts';
import { readList } from './store-launch.ts';
import { checkWording } from './wording.ts';

export type CampaignInput = Body<Endpoints['smsCampaignSend']>;

/** A campaign that could be stored: what it says, how large its list is now, and what its sender should be told. */
export interface Checked {
  campaign: NewCampaign;
  contacts: number;
  warnings: string[];
}

/**
 * Everything that can be known of a campaign before it is launched: its list, sender, time, links and way out.
 *
 * @throws Refusal bad-request, not-found for a list the account does not have, too-many-recipients.
 */
export async function checkCampaign(
  parts: LaunchParts,
  run: Runner,
  caller: Caller,
  input: CampaignInput,
): Promise<Checked> {
  const campaign = campaignOf(input, parts.clock.now());
  const list = await readList(run, caller.accountId, campaign.listId);
  if (list === null) throw noList(campaign.listId);
  if (list.isOptOut) {
    throw refusal('bad-request', 'list_id', 'This is the Opt-Out list: nobody on it may be written to.');
  }
  // A contact without a number does not count, so only a launch knows for certain; four times over is no border case.
  if (list.contacts > caller.account.campaignRecipients * 4) {
    const most = caller.account.campaignRecipients;
    const words = `The list has ${list.contacts} contacts; a campaign of this account may have ${most} recipients.`;
    throw refusal('too-many-recipients', 'list_id', words);
  }
  const senders = await sendersOf(parts, caller, campaign);
  const warnings = checkWording(campaign, senders.canBeAnswered, caller.account.campaignOptOut);
  return { campaign, contacts: list.contacts, warnings };
}

/** Held to the end of the transaction that stores a campaign, so that its list is not deleted meanwhile. */
export async function keepListOf(run: Runner, caller: Caller, listId: number): Promise<void> {
  if (!(await keepList(run, caller.accountId, listId))) throw noList(listId);
}

const noList = (listId: number) => refusal('not-found', 'list_id', `There is no list ${listId} in this account.`);

function campaignOf(input: CampaignInput, now: number): NewCampaign {
  const url = input.url_to_shorten?.trim() || null;
  const read = url === null ? null : checkLongUrl(url);
  if (read?.ok === false) throw refusal('bad-request', 'url_to_shorten', `url_to_shorten ${read.words}`);
  const at = input.schedule === null ? null : input.schedule * 1000;
  if (at !== null && at > latestSchedule(now)) {
    throw refusal('bad-request', 'schedule', 'schedule is more than 4 months ahead.');
  }
  return {
    listId: input.list_id,
    name: storable(input.name.trim()),
    sender: storable(input.from ?? ''),
    body: storable(input.body),
    scheduleAt: at !== null && at > now ? at : null,
    urlToShorten: url,
    source: input.source ? storable(input.source) : null,
    senders: input.senders && input.senders.length > 0 ? input.senders.map(storableSender) : null,
  };
}

type Sender = NonNullable<CampaignInput['senders']>[number];

const storableSender = (sender: Sender): Sender =>
  Object.fromEntries(
    Object.entries(sender).map(([key, value]) => [key, typeof value === 'string' ? storable(value) : value]),
  ) as Sender;

const refusal = (kind: 'bad-request' | 'not-found' | 'too-many-recipients', field: string, words: string) =>
  new Refusal(kind, words, { fields: { [field]: words } });
