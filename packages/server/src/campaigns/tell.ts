import type { Runner } from '../db/runner.ts';
import { recordEvent } from '../events/record.ts';
import type { CampaignRow } from './campaign.ts';
import { stateWord } from './state.ts';

/** Tells the account's people and agents that a campaign took a turn, in the transaction in which it does. */
export function tellState(run: Runner, row: CampaignRow, at: number): Promise<void> {
  const { account_id: accountId, campaign_id, name, recipients, words } = row;
  const facts = { sms_campaign_id: campaign_id, name, state: stateWord(row), recipients, words };
  return recordEvent(run, { accountId, at, kind: 'campaign.state', facts });
}
