import type { Data, Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { makePage } from '@veredus/contract/page';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import type { Database } from '../db/db.ts';
import { asAccountClient } from '../db/runner.ts';
import type { Client } from '../db/transaction.ts';
import { Refusal } from '../refusal.ts';
import { type CampaignKey, countOpenings, findOpenings, isCampaign, type Opening, tallyClicks } from './store-links.ts';

export interface LinkStatisticsParts {
  db: Database;
  /** Where callers reach this server, without a slash at its end; known once it listens. */
  publicUrl: () => string;
}

type OpeningRow = Data<Endpoints['smsCampaignLinkTracking']>['data'][number];

/** What became of a campaign's short links. Numbers are people's; machines stand apart. */
export function linkStatistics(
  { db }: LinkStatisticsParts,
  caller: Caller,
  campaignId: number,
): Promise<Answer<Endpoints['smsCampaignLinkStatistics']>> {
  return ofCampaign(db, caller, campaignId, async (client, key) => {
    const counts = await countOpenings(client, key);
    const { why, ...tallies } = await tallyClicks(client, key);
    return {
      data: {
        // Links expire before their clicks do.
        links: { opened: counts.opened, unopened: Math.max(0, counts.links - counts.opened) },
        ...tallies,
        country: [],
        _machines: { opened: counts.machine_opened, clicks: counts.machine_clicks, why },
      },
      words: 'Link statistics.',
    };
  });
}

/** A page of the recipients who opened their link. */
export function linkTracking(
  { db, publicUrl }: LinkStatisticsParts,
  caller: Caller,
  campaignId: number,
  { page, limit }: Query<Endpoints['smsCampaignLinkTracking']>,
): Promise<Answer<Endpoints['smsCampaignLinkTracking']>> {
  return ofCampaign(db, caller, campaignId, async (client, key) => {
    const { opened: total } = await countOpenings(client, key);
    const rows = await findOpenings(client, key, { skip: (page - 1) * limit, count: limit });
    const url = new URL(`${publicUrl()}/v3/sms-campaigns/${campaignId}/link-tracking`);
    if (limit !== 15) url.searchParams.set('limit', String(limit));
    return {
      data: makePage({ total, page, limit, rows: rows.map(openingRow), url: url.href }),
      words: 'Link tracking.',
    };
  });
}

export function openingRow(opening: Opening): OpeningRow {
  const { contact_id, first_name, last_name, phone_number } = opening;
  return {
    contact: { contact_id, first_name, last_name, phone_number },
    open_count: opening.open_count,
    date_opened: Math.floor(opening.opened_at / 1000),
    user_browser: opening.browser,
    user_device: opening.device,
    user_os: opening.os,
    user_geo_country: null,
    user_geo_region: null,
    _machine_count: opening.machine_count,
  };
}

/** Works on a campaign of the caller's account. @throws Refusal not-found for any other. */
export function ofCampaign<T>(
  db: Database,
  { accountId }: Caller,
  campaignId: number,
  work: (client: Client, key: CampaignKey) => Promise<T>,
): Promise<T> {
  return asAccountClient(db, accountId, async (client) => {
    const key = { accountId, campaignId };
    if (await isCampaign(client, key)) return work(client, key);
    const words = `There is no campaign ${campaignId} in this account.`;
    throw new Refusal('not-found', words, { fields: { sms_campaign_id: words } });
  });
}
