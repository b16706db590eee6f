import type { Runner } from '../db/runner.ts';
import { Status } from '../messages/status.ts';
import { type CampaignRow, tagOf } from './campaign.ts';
import { CampaignState } from './state.ts';

/**
 * Cancels campaigns that have not been launched: all of the account's that wait for their time or for a word, or the one whose
 * messages carry a custom_string.
 */
export async function cancelWaitingCampaigns(
  run: Runner,
  which: { accountId: number; customString: string | null; now: number },
): Promise<{ campaigns: number; recipients: number }> {
  const { rows } = await run.query(
    `with cancelled as (
        update campaigns set state = ${CampaignState.cancelled}, done_at = $2, token = token + 1
        where account_id = $1 and state in (${CampaignState.scheduled}, ${CampaignState.held}) and done_at is null
          and ($3::text is null or custom_string = $3)
        returning account_id, campaign_id, name, recipients
      ), told as (
        insert into events (account_id, at, kind, facts)
        select account_id, $2, 'campaign.state', jsonb_build_object('sms_campaign_id', campaign_id, 'name', name,
          'state', 'cancelled', 'recipients', recipients, 'words', null) from cancelled
      )
      select count(*)::integer as campaigns, coalesce(sum(recipients), 0)::integer as recipients from cancelled`,
    [which.accountId, which.now, which.customString],
  );
  return rows[0];
}

/** The launched campaign whose messages carry a custom_string, held to the end of the transaction; null = there is none. */
export async function lockLaunched(run: Runner, accountId: number, customString: string): Promise<CampaignRow | null> {
  const { rows } = await run.query(
    `select * from campaigns where account_id = $1 and custom_string = $2 and state = ${CampaignState.sending} and done_at is null
      for update`,
    [accountId, customString],
  );
  return rows[0] ?? null;
}

/** How many of a campaign's messages have not left the queue. */
export async function countQueued(run: Runner, row: CampaignRow): Promise<number> {
  const { rows } = await run.query(
    `select count(*)::integer as queued from messages where account_id = $1 and custom_string = $2 and custom_string <> ''
      and campaign_id = $3 and status = ${Status.queued}`,
    [row.account_id, tagOf(row.campaign_id), row.campaign_id],
  );
  return rows[0].queued;
}
