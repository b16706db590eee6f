import type { Endpoints } from '@veredus/contract/endpoints';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { inTransaction } from '../db/transaction.ts';
import { type CancelParts, cancelAllScheduled } from '../messages/cancel.ts';
import { cancelScheduledCampaigns } from './store-cancel.ts';

/**
 * Cancels every scheduled message of the account, and every scheduled campaign: what a campaign will send is scheduled too,
 * and its messages would carry its custom_string. Each contact of a cancelled campaign's list counts as one message.
 */
export async function cancelAll(
  parts: CancelParts,
  caller: Caller,
  body: Parameters<typeof cancelAllScheduled>[2],
): Promise<Answer<Endpoints['smsCancelAll']>> {
  const messages = await cancelAllScheduled(parts, caller, body);
  const which = { accountId: caller.accountId, customString: body?.custom_string ?? null, now: parts.clock.now() };
  const campaigns = await inTransaction(parts.db.enginePool, (run) => cancelScheduledCampaigns(run, which));
  if (campaigns.campaigns === 0) return messages;
  const count = messages.data.count + campaigns.recipients;
  return { data: { count }, words: `${count} cancelled, ${campaigns.campaigns} campaigns among them.` };
}
