import type { Runner } from '../messages/store.ts';
import { CampaignState } from './state.ts';

/** Cancels campaigns that wait for their time, all of the account's or the one whose messages carry a custom_string. */
export async function cancelScheduledCampaigns(
  run: Runner,
  which: { accountId: number; customString: string | null; now: number },
): Promise<{ campaigns: number; recipients: number }> {
  const { rows } = await run.query(
    `with cancelled as (
        update campaigns set state = ${CampaignState.cancelled}, done_at = $2, token = token + 1
        where account_id = $1 and state = ${CampaignState.scheduled} and done_at is null and ($3::text is null or custom_string = $3)
        returning recipients
      )
      select count(*)::integer as campaigns, coalesce(sum(recipients), 0)::integer as recipients from cancelled`,
    [which.accountId, which.now, which.customString],
  );
  return rows[0];
}
