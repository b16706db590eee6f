import type { Data } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { Clock } from '@veredus/protocols/clock';
import type { Pool } from '../db/transaction.ts';
import { slotsOf } from '../links/slots.ts';
import { toDecimal4 } from '../pricing/money.ts';
import type { CampaignRow } from './campaign.ts';
import { stateWord, statusOf } from './state.ts';
import { listNames } from './store.ts';
import { type Figures, readFigures } from './store-statistics.ts';

/** A campaign as the wire has it. */
export type Shown = Data<Endpoints['smsCampaignShow']>;

/** Campaigns of one account as the wire has them, with their figures. */
export async function showAll(
  { pool, clock }: { pool: Pool; clock: Clock },
  rows: readonly CampaignRow[],
): Promise<Shown[]> {
  if (rows.length === 0) return [];
  const names = await listNames(
    pool,
    rows[0]!.account_id,
    rows.map((row) => row.list_id),
  );
  const figures = await readFigures(pool, rows, clock.now());
  return rows.map((row) => shown(row, names.get(row.list_id) ?? null, figures.get(row.campaign_id)!));
}

export async function showOne(parts: { pool: Pool; clock: Clock }, row: CampaignRow): Promise<Shown> {
  return (await showAll(parts, [row]))[0]!;
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

function shown(row: CampaignRow, listName: string | null, { price_micro, ...counts }: Figures): Shown {
  return {
    sms_campaign_id: row.campaign_id,
    name: row.name,
    user_id: row.account_id,
    subaccount_id: row.user_id,
    list_id: row.list_id,
    from: row.sender,
    body: row.body,
    schedule: seconds(row.schedule_at ?? row.launched_at ?? row.created_at),
    status: statusOf(row),
    date_added: seconds(row.created_at),
    custom_string: row.custom_string,
    url_to_shorten: row.url_to_shorten,
    unsubscribe_link: slotsOf(row.body).optOut ? 1 : 0,
    source: row.source,
    senders: row.senders as unknown[] | null,
    _total_count: row.recipients,
    _list_name: listName,
    _state: stateWord(row),
    _reason: row.words,
    _warnings: (row.warnings ?? []) as string[],
    _excluded: row.excluded as unknown as Record<string, number>,
    _price_quoted: row.launched_at === null ? null : toDecimal4(row.quoted_micro),
    _statistics: { ...counts, price: toDecimal4(price_micro) },
  };
}
