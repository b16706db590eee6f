import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import type { Caller } from '../accounts/caller.ts';
import { SMS_VALIDITY_MS } from '../channels/sms/send.ts';
import { linkText, newCode } from '../links/codes.ts';
import { insertLinks, LINK_KEPT_MS, LinkKind, type NewLink } from '../links/store.ts';
import { type AcceptParts, accept, type Draft } from '../messages/accept.ts';
import { Channel, type NewMessage, Priority } from '../messages/message.ts';
import type { Runner } from '../messages/store.ts';
import { PLACES } from './audience.ts';
import type { CampaignRow } from './campaign.ts';
import type { Senders } from './senders.ts';
import { advance, type Chunk } from './store-expand.ts';

export interface ExpandParts extends AcceptParts {
  clock: Clock;
  random: Random;
  sharedNumber: string;
  linkBase(): string;
}

/** The campaign is another's by now, or was paused or stopped: its chunk was not stored. */
export class Superseded extends Error {}

export const LEASE_MS = 30_000;

/**
 * Makes one chunk of a campaign into messages, through the same `accept` as every other. The rows, their links, the place the
 * campaign is at and its money move in one transaction, so that after a crash each recipient has one message or none yet.
 *
 * @throws Superseded when the campaign went on without us.
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
  const base = parts.linkBase();
  const places = { url: linkText(base, PLACES.url), optOut: linkText(base, PLACES.optOut) };
  const now = parts.clock.now();
  const links: NewLink[] = [];
  const drafts = chunk.recipients.map((recipient): Draft => {
    const sender = senders.of(recipient.country);
    const linked = (body: string, place: string, kind: LinkKind, url: string | null) => {
      if (!body.includes(place)) return body;
      const code = newCode(parts.random);
      links.push({
        code,
        kind,
        accountId: campaign.account_id,
        channel: campaign.channel,
        campaignId: campaign.campaign_id,
        recipient: recipient.recipient,
        contactId: recipient.contactId,
        listId: campaign.list_id,
        url,
        createdAt: now,
        expiresAt: now + LINK_KEPT_MS,
      });
      return body.replaceAll(place, linkText(base, code));
    };
    let { body } = recipient;
    if (campaign.url_to_shorten !== null) body = linked(body, places.url, LinkKind.click, campaign.url_to_shorten);
    body = linked(body, places.optOut, LinkKind.optOut, null);
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
