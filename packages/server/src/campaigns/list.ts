import type { Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { campaignSearch } from '@veredus/contract/endpoints/sms-campaigns';
import { makePage } from '@veredus/contract/page';
import type { Clock } from '@veredus/protocols/clock';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import type { Pool } from '../db/transaction.ts';
import { listUrl } from '../list-url.ts';
import { Refusal } from '../refusal.ts';
import { showAll, showOne } from './show.ts';
import { findCampaign } from './store.ts';
import { searchCampaigns } from './store-search.ts';

export interface ReadParts {
  pool: Pool;
  clock: Clock;
  publicUrl(): string;
}

export async function listCampaigns(
  parts: ReadParts,
  caller: Caller,
  query: Query<Endpoints['smsCampaigns']>,
): Promise<Answer<Endpoints['smsCampaigns']>> {
  const { page, limit } = query;
  const { total, rows } = await searchCampaigns(parts.pool, caller.accountId, query);
  const url = listUrl(parts.publicUrl(), '/v3/sms-campaigns', query, campaignSearch.order);
  return { data: makePage({ total, page, limit, rows: await showAll(parts, rows), url }), words: 'Campaigns.' };
}

/** @throws Refusal not-found for a campaign the account does not have. */
export async function showCampaign(
  parts: ReadParts,
  caller: Caller,
  campaignId: number,
): Promise<Answer<Endpoints['smsCampaignShow']>> {
  const row = await findCampaign(parts.pool, caller.accountId, campaignId);
  if (row === null) throw new Refusal('not-found', `There is no campaign ${campaignId} in this account.`);
  return { data: await showOne(parts, row), words: 'Campaign.' };
}
