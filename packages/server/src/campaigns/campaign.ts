import type { Selectable } from 'kysely';
import type { CampaignsRow } from '../db/schema.ts';

export type CampaignRow = Selectable<CampaignsRow>;

/** A sender for recipients of one country, as the caller gave it. */
export interface SenderChoice {
  recipient_country_code: string;
  sender_id?: string | null | undefined;
}

/** What a campaign says and to whom, before it is stored. Times in ms. */
export interface NewCampaign {
  listId: number;
  name: string;
  sender: string;
  body: string;
  scheduleAt: number | null;
  urlToShorten: string | null;
  source: string | null;
  senders: SenderChoice[] | null;
}

/** What every message of a campaign carries, so that it is found in history and receipts, and cancel-all can name it. */
export const tagOf = (campaignId: number): string => `sms_campaign_${campaignId}`;

/** As the stored row says it. */
export const textOf = (row: CampaignRow): NewCampaign => ({
  listId: row.list_id,
  name: row.name,
  sender: row.sender,
  body: row.body,
  scheduleAt: row.schedule_at,
  urlToShorten: row.url_to_shorten,
  source: row.source,
  senders: row.senders as SenderChoice[] | null,
});
