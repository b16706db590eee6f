import type { Runner } from '../db/runner.ts';
import { Priority } from '../messages/message.ts';
import { PARKED } from '../messages/settlement.ts';
import { type CampaignRow, tagOf } from './campaign.ts';
import { CampaignState } from './state.ts';
import { tellState } from './tell.ts';

export const UNPARK_CHUNK = 5_000;

/**
 * Sets a chunk of the messages that dispatch put aside while the campaign was paused due again, with their time to live begun
 * anew. Answers how many: fewer than UNPARK_CHUNK = none is left. Found by the index of what waits in the queue.
 */
export async function unpark(
  run: Runner,
  row: CampaignRow,
  facts: { now: number; validUntil: number },
): Promise<number> {
  const { rowCount } = await run.query({
    name: 'unpark-campaign',
    text: `update messages m set next_attempt_at = $4, valid_until = greatest(m.valid_until, $5::bigint)
      from (
        select account_id, id from messages
        where account_id = $1 and campaign_id = $2 and channel = $3 and priority = ${Priority.campaign} and next_attempt_at = $6 and status = 0
        order by id limit ${UNPARK_CHUNK} for update skip locked
      ) p
      where m.account_id = p.account_id and m.id = p.id and m.status = 0 and m.next_attempt_at = $6`,
    values: [row.account_id, row.campaign_id, row.channel, facts.now, facts.validUntil, PARKED],
  });
  return rowCount ?? 0;
}

/**
 * Launched campaigns that may have something put aside or be finished, and cancelled ones whose messages are not yet, by id
 * behind `afterId`: each kind in its turn, so that many of one do not hide the other.
 */
export async function openCampaigns(run: Runner, afterId: number, limit: number): Promise<CampaignRow[]> {
  const { rows } = await run.query({
    name: 'open-campaigns',
    text: `(select * from campaigns where done_at is null and state = ${CampaignState.cancelled} and campaign_id > $1
        order by campaign_id limit $2)
      union all
      (select * from campaigns where done_at is null and state = ${CampaignState.sending} and paused_at is null and campaign_id > $1
        and (expanded = recipients or resumed_at is not null)
        order by campaign_id limit $2)`,
    values: [afterId, limit],
  });
  return rows;
}

/** Whether any message of a campaign has not left the queue. From the end: what still waits was made last. */
export async function hasQueued(run: Runner, row: CampaignRow): Promise<boolean> {
  const { rows } = await run.query({
    name: 'campaign-has-queued',
    text: `select 1 from messages where account_id = $1 and custom_string = $2 and custom_string <> '' and campaign_id = $3
      and status in (0, 1) order by id desc limit 1`,
    values: [row.account_id, tagOf(row.campaign_id), row.campaign_id],
  });
  return rows.length > 0;
}

/** Ends a campaign, if it still is as it was seen. */
export async function finish(run: Runner, row: CampaignRow, state: CampaignState, at: number): Promise<boolean> {
  const { rows } = await run.query(
    `update campaigns set state = $4, done_at = $5 where account_id = $1 and campaign_id = $2 and token = $3 and done_at is null
      returning *`,
    [row.account_id, row.campaign_id, row.token, state, at],
  );
  // That it is cancelled was told when it was.
  if (rows[0] && row.state !== state) await tellState(run, rows[0], at);
  return rows[0] !== undefined;
}

/**
 * Waits for whoever is about to send under a lease: their statement began before ours, and may not know yet what was just
 * committed. Afterwards every node does.
 */
export async function waitForMarks(run: Runner): Promise<void> {
  await run.query('select token from claim_leases where closed_at is null order by token for no key update');
}
