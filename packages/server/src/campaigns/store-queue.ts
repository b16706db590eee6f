import { PARKED } from '../messages/settlement.ts';
import type { Runner } from '../messages/store.ts';
import { type CampaignRow, tagOf } from './campaign.ts';
import { CampaignState } from './state.ts';

/** Sets messages that dispatch put aside while the campaign was paused due again, with their time to live begun anew. */
export async function unpark(
  run: Runner,
  row: CampaignRow,
  facts: { now: number; validUntil: number },
): Promise<number> {
  const { rowCount } = await run.query({
    name: 'unpark-campaign',
    text: `update messages set next_attempt_at = $4, valid_until = greatest(valid_until, $5::bigint)
      where account_id = $1 and custom_string = $2 and custom_string <> '' and campaign_id = $3 and status = 0 and next_attempt_at = $6`,
    values: [row.account_id, tagOf(row.campaign_id), row.campaign_id, facts.now, facts.validUntil, PARKED],
  });
  return rowCount ?? 0;
}

/** Launched campaigns that may be finished or have something put aside, and cancelled ones whose messages are not yet. */
export async function openCampaigns(run: Runner, limit: number): Promise<CampaignRow[]> {
  const { rows } = await run.query({
    name: 'open-campaigns',
    text: `select * from campaigns where done_at is null and paused_at is null and expanded = recipients
        and state = ${CampaignState.sending}
      union all
      select * from campaigns where done_at is null and state = ${CampaignState.cancelled} limit $1`,
    values: [limit],
  });
  return rows;
}

/** Ends a campaign, if it still is as it was seen. */
export async function finish(run: Runner, row: CampaignRow, state: CampaignState, at: number): Promise<boolean> {
  const { rowCount } = await run.query(
    `update campaigns set state = $4, done_at = $5 where account_id = $1 and campaign_id = $2 and token = $3 and done_at is null`,
    [row.account_id, row.campaign_id, row.token, state, at],
  );
  return rowCount === 1;
}
