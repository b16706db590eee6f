import { plain, texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import { Status } from '../messages/status.ts';
import { type CampaignRow, tagOf } from './campaign.ts';

/** What became of a campaign's messages. Money in micro-units: what is charged, and what is still held. */
export interface Figures {
  queued: number;
  sent: number;
  delivered: number;
  failed: number;
  unknown: number;
  clicked: number;
  opted_out: number;
  price_micro: number;
}

const NONE: Figures = {
  queued: 0,
  sent: 0,
  delivered: 0,
  failed: 0,
  unknown: 0,
  clicked: 0,
  opted_out: 0,
  price_micro: 0,
};

/** Receipts come for some days at the most; from then on the figures are kept instead of counted again. */
const SETTLED_MS = 6 * 86_400_000;

/** The figures of each campaign, by its id. What became of its messages is kept in its row once nothing can change any more. */
export async function readFigures(
  run: Runner,
  campaigns: readonly CampaignRow[],
  now: number,
): Promise<Map<number, Figures>> {
  const figures = new Map<number, Figures>(campaigns.map((row) => [row.campaign_id, NONE]));
  const launched = campaigns.filter((row) => row.launched_at !== null);
  if (launched.length === 0) return figures;
  const open = launched.filter((row) => row.final_statistics === null);
  const counted = await countMessages(run, open);
  const clicks = await countByCampaign(run, launched, CLICKED);
  const optOuts = await countByCampaign(run, launched, OPTED_OUT);
  for (const row of launched) {
    const id = row.campaign_id;
    const kept = row.final_statistics as unknown as Figures | null;
    // Links are followed, and ways out taken, long after the last receipt.
    const found = {
      ...(kept ?? counted.get(id) ?? NONE),
      clicked: clicks.get(id) ?? 0,
      opted_out: optOuts.get(id) ?? 0,
    };
    // Recipients that are not messages yet wait as much as those in the queue; a cancelled campaign's never will be.
    if (row.done_at === null) {
      found.queued += row.recipients - row.expanded;
      found.price_micro += row.held_micro;
    }
    figures.set(id, found);
    if (kept === null && row.done_at !== null && now - row.done_at > SETTLED_MS && found.queued === 0) {
      await keepFigures(run, row, found);
    }
  }
  return figures;
}

/** Messages are found by what every one of a campaign carries, which has an index. */
async function countMessages(run: Runner, campaigns: readonly CampaignRow[]): Promise<Map<number, Figures>> {
  if (campaigns.length === 0) return new Map();
  const { rows } = await run.query({
    name: 'campaign-figures',
    text: `select m.campaign_id, m.status, count(*)::integer as messages,
        sum(case when m.money = 2 then m.charged_micro when m.money = 1 then m.price_micro else 0 end)::bigint as price_micro
      from unnest($1::integer[], $2::integer[], $3::text[]) as c(account_id, campaign_id, tag)
      join messages m on m.account_id = c.account_id and m.custom_string = c.tag and m.custom_string <> '' and m.campaign_id = c.campaign_id
      group by 1, 2`,
    values: [
      plain(campaigns.map((row) => row.account_id)),
      plain(campaigns.map((row) => row.campaign_id)),
      texts(campaigns.map((row) => tagOf(row.campaign_id))),
    ],
  });
  const figures = new Map<number, Figures>();
  for (const { campaign_id, status, messages, price_micro } of rows) {
    const sum = figures.get(campaign_id) ?? { ...NONE };
    for (const figure of COUNTED_AS[status as Status]) sum[figure] += messages;
    sum.price_micro += price_micro;
    figures.set(campaign_id, sum);
  }
  return figures;
}

const COUNTED_AS: Record<Status, readonly ('queued' | 'sent' | 'delivered' | 'failed' | 'unknown')[]> = {
  [Status.queued]: ['queued'],
  [Status.claimed]: ['queued'],
  [Status.submitted]: ['sent'],
  [Status.delivered]: ['sent', 'delivered'],
  [Status.failed]: ['failed'],
  [Status.expired]: ['failed'],
  [Status.cancelled]: ['failed'],
  [Status.unknown]: ['unknown'],
  [Status.refused]: ['failed'],
  [Status.partial]: ['failed'],
};

const CLICKED = `select campaign_id, count(distinct code)::integer as count from link_clicks
  where account_id = $1 and campaign_id = any($2::integer[]) and not machine group by 1`;
const OPTED_OUT = `select campaign_id, count(distinct address)::integer as count from consent_events
  where account_id = $1 and campaign_id = any($2::integer[]) and kind <> 'opt-in' group by 1`;

async function countByCampaign(run: Runner, campaigns: readonly CampaignRow[], text: string) {
  const { rows } = await run.query(text, [campaigns[0]!.account_id, plain(campaigns.map((row) => row.campaign_id))]);
  return new Map(rows.map((row) => [row.campaign_id as number, row.count as number]));
}

async function keepFigures(run: Runner, row: CampaignRow, figures: Figures): Promise<void> {
  await run.query('update campaigns set final_statistics = $3 where account_id = $1 and campaign_id = $2', [
    row.account_id,
    row.campaign_id,
    JSON.stringify(figures),
  ]);
}
