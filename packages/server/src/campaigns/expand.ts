import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import type { Caller } from '../accounts/caller.ts';
import { SMS_VALIDITY_MS } from '../channels/sms/send.ts';
import type { Runner } from '../db/runner.ts';
import { linkText, newCode } from '../links/codes.ts';
import { slotsOf } from '../links/slots.ts';
import { insertLinks, LINK_KEPT_MS, LinkKind, type NewLink } from '../links/store.ts';
import { type AcceptParts, accept, type Draft } from '../messages/accept.ts';
import { Channel, type NewMessage, Priority } from '../messages/message.ts';
import type { CampaignRow } from './campaign.ts';
import type { Senders } from './senders.ts';
import { advance, type Chunk } from './store-expand.ts';
import type { Recipient } from './store-launch.ts';

export interface ExpandParts extends AcceptParts {
  clock: Clock;
  random: Random;
  sharedNumber: string;
}

/** The campaign is another's by now, or was paused or stopped: its chunk was not stored. */
export class Superseded extends Error {}
/** It cannot be sent as it was frozen: somebody has to look. */
export class Unfit extends Error {}

export const LEASE_MS = 30_000;

/**
 * Makes one chunk of a campaign into messages, through the same `accept` as every other. The rows, their links, the place the
 * campaign is at and its money move in one transaction, so that after a crash each recipient has one message or none yet.
 *
 * @throws Superseded when the campaign went on without us, Unfit when its texts cannot go out.
 */
export async function expandChunk(
  parts: ExpandParts,
  caller: Caller,
  campaign: CampaignRow,
  senders: Senders,
  chunk: Chunk,
): Promise<void> {
  const { links, drafts } = draftsOf(parts, campaign, senders, chunk);
  await accept(parts, caller, drafts, {
    channel: Channel.sms,
    priority: Priority.campaign,
    validityMs: SMS_VALIDITY_MS,
    key: null,
    campaignId: campaign.campaign_id,
    within: async (run, rows) => {
      if (links.length > 0) await insertLinks(run, links);
      await moveOn(parts, run, campaign, chunk, rows);
    },
  });
}

async function moveOn(
  { clock }: ExpandParts,
  run: Runner,
  campaign: CampaignRow,
  chunk: Chunk,
  rows: readonly NewMessage[],
): Promise<void> {
  const prices = chunk.recipients.map(({ priceMicro }) => priceMicro);
  const heldMicro = prices.reduce((sum, price) => sum + price, 0);
  const heldMessages = prices.filter((price) => price > 0).length;
  const kept = rows.filter((row) => row.refusal === null);
  const keptMicro = kept.reduce((sum, row) => sum + row.priceMicro, 0);
  const keptMessages = kept.filter((row) => row.priceMicro > 0).length;
  const at = clock.now();
  const moved = await advance(run, campaign, {
    firstPosition: chunk.firstPosition,
    messageIds: rows.map((row) => row.id),
    heldMicro,
    heldMessages,
    releasedMicro: heldMicro - keptMicro,
    releasedMessages: heldMessages - keptMessages,
    at,
    until: at + LEASE_MS,
  });
  if (!moved) throw new Superseded(`campaign ${campaign.campaign_id} went on without this node`);
}

function draftsOf(parts: ExpandParts, campaign: CampaignRow, senders: Senders, chunk: Chunk) {
  const wanted = wantedLinks(campaign);
  const now = parts.clock.now();
  const links: NewLink[] = [];
  const drafts = chunk.recipients.map((recipient): Draft => {
    const sender = senders.of(recipient.country);
    let { body } = recipient;
    for (const { kind, url, place } of wanted) {
      const code = newCode(parts.random);
      body = body.replaceAll(linkText(campaign.link_base!, place), linkText(campaign.link_base!, code));
      if (body === recipient.body) throw new Unfit('The text of a recipient has lost the place of its link.');
      links.push(linkOf(campaign, recipient, { code, kind, url, now }));
    }
    return {
      recipient: recipient.recipient,
      sender: sender.kind === 'shared' ? parts.sharedNumber : sender.sender,
      sharedSender: sender.kind === 'shared',
      country: recipient.country,
      body,
      parts: recipient.parts,
      priceMicro: recipient.priceMicro,
      scheduleAt: null,
      customString: campaign.custom_string,
      source: campaign.source ?? '',
      fromEmail: null,
      listId: campaign.list_id,
      contactId: String(recipient.contactId),
      refusal: null,
      words: null,
    };
  });
  return { links, drafts };
}

interface WantedLink {
  kind: LinkKind;
  url: string | null;
  /** The code that stands for those to come. */
  place: string;
}

/** Which links each text of a campaign has. */
function wantedLinks(campaign: CampaignRow): WantedLink[] {
  const slots = slotsOf(campaign.body);
  const [url = '', optOut = ''] = campaign.link_places ?? [];
  const wanted: WantedLink[] = [];
  if (slots.url && campaign.url_to_shorten !== null) {
    wanted.push({ kind: LinkKind.click, url: campaign.url_to_shorten, place: url });
  }
  if (slots.optOut) wanted.push({ kind: LinkKind.optOut, url: null, place: optOut });
  return wanted;
}

const linkOf = (
  campaign: CampaignRow,
  { recipient, contactId }: Recipient,
  { code, kind, url, now }: { code: string; kind: LinkKind; url: string | null; now: number },
): NewLink => ({
  code,
  kind,
  accountId: campaign.account_id,
  channel: campaign.channel,
  campaignId: campaign.campaign_id,
  recipient,
  contactId,
  listId: campaign.list_id,
  url,
  createdAt: now,
  expiresAt: now + LINK_KEPT_MS,
});
