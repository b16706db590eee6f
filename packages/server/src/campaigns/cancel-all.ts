import type { Endpoints } from '@veredus/contract/endpoints';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import type { Runner } from '../db/runner.ts';
import { inTransaction } from '../db/transaction.ts';
import { type CancelParts, cancelAllScheduled } from '../messages/cancel.ts';
import { CampaignState } from './state.ts';
import { moveCampaign } from './store.ts';
import { cancelWaitingCampaigns, countQueued, lockLaunched } from './store-cancel.ts';
import { releaseRest } from './store-expand.ts';

/**
 * Cancels every scheduled message of the account, and every campaign that has not been launched: what a campaign will send is
 * scheduled too. A custom_string that is a campaign's also stops that campaign in mid-flight, since it is what its messages
 * carry. Each recipient who is not written to counts as one message.
 */
export async function cancelAll(
  parts: CancelParts & { wake(): void },
  caller: Caller,
  body: Parameters<typeof cancelAllScheduled>[2],
): Promise<Answer<Endpoints['smsCancelAll']>> {
  const messages = await cancelAllScheduled(parts, caller, body);
  const which = { accountId: caller.accountId, customString: body?.custom_string ?? null, now: parts.clock.now() };
  const { campaigns, recipients } = await inTransaction(parts.db.enginePool, async (run) => {
    const waiting = await cancelWaitingCampaigns(run, which);
    const stopped = await stopLaunched(run, which);
    return {
      campaigns: waiting.campaigns + (stopped === null ? 0 : 1),
      recipients: waiting.recipients + (stopped ?? 0),
    };
  });
  if (campaigns === 0) return messages;
  parts.wake();
  const count = messages.data.count + recipients;
  return { data: { count }, words: `${count} cancelled, with ${campaigns === 1 ? 'a campaign' : 'campaigns'}.` };
}

/** How many recipients it keeps from being written to, as far as can be told now; null = there is no such campaign. */
async function stopLaunched(
  run: Runner,
  { accountId, customString, now }: { accountId: number; customString: string | null; now: number },
): Promise<number | null> {
  const row = customString === null ? null : await lockLaunched(run, accountId, customString);
  if (row === null) return null;
  const queued = await countQueued(run, row);
  const released = await releaseRest(run, row, now);
  // It counts as paused from here on, so that nothing of it leaves while the runner cancels what is in the queue.
  await moveCampaign(run, released, { state: CampaignState.cancelled, at: now, pausedAt: row.paused_at ?? now });
  return row.recipients - row.expanded + queued;
}
