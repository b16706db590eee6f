import type { Endpoints } from '@veredus/contract/endpoints';
import type { Origin } from '@veredus/tools/target';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { type Client, inTransaction } from '../db/transaction.ts';
import { Channel } from '../messages/message.ts';
import { digestOf } from '../messages/store-idempotency.ts';
import { Refusal } from '../refusal.ts';
import type { CampaignRow } from './campaign.ts';
import { type CampaignInput, checkCampaign, keepListOf } from './check.ts';
import { type LaunchParts, launch } from './launch.ts';
import { showOne } from './show.ts';
import { findCampaign, findCampaignKey, insertCampaign, storeOrigin, takeCampaignKey } from './store.ts';

export interface CampaignParts extends LaunchParts {
  /** Somebody should look for work at once. */
  wake(): void;
  /** Launches and quotes go through it: so many at once. */
  gate<T>(work: () => Promise<T>): Promise<T>;
}

const ROUTE = 'smsCampaignSend';

/**
 * Stores a campaign. Without a time of its own it is launched in the same transaction: its audience and its price are taken,
 * or it is refused and nothing is stored. `key` is the caller's Idempotency-Key, if any.
 */
export async function sendCampaign(
  parts: CampaignParts,
  caller: Caller,
  { input, key, origin }: { input: CampaignInput; key: string | null; origin?: Origin | undefined },
): Promise<Answer<Endpoints['smsCampaignSend']>> {
  const held = key === null ? null : { route: ROUTE, key, digest: digestOf(input) };
  const before = held && (await findCampaignKey(parts.pool, caller.accountId, held));
  if (before) return replay(parts, caller, before, held.digest);
  const { campaign, contacts, warnings } = await checkCampaign(parts, parts.pool, caller, input);
  const store = async (run: Client): Promise<CampaignRow> => {
    const at = parts.clock.now();
    await keepListOf(run, caller, campaign.listId);
    const who = { accountId: caller.accountId, userId: caller.userId, channel: Channel.sms };
    const made = await insertCampaign(run, who, campaign, { at, recipients: contacts, warnings });
    if (origin) await storeOrigin(run, made, origin);
    if (held && !(await takeCampaignKey(run, caller.accountId, held, { campaignId: made.campaign_id, at }))) {
      // Another call with this key was faster; its campaign stands, this one is undone.
      throw new Refusal('in-progress', 'The first call with this Idempotency-Key is still being answered.', {
        retryAfter: 1,
      });
    }
    return campaign.scheduleAt === null ? launch(parts, run, caller, made) : made;
  };
  const row = await parts.gate(() => inTransaction(parts.pool, store));
  parts.wake();
  return { data: await showOne(parts, row), words: said(row, warnings) };
}

async function replay(
  parts: CampaignParts,
  caller: Caller,
  before: { digest: Buffer; campaignId: number },
  digest: Buffer,
): Promise<Answer<Endpoints['smsCampaignSend']>> {
  if (!before.digest.equals(digest)) {
    throw new Refusal(
      'key-reused',
      'This Idempotency-Key was used for another request; use a new key for a new request.',
    );
  }
  const row = await findCampaign(parts.pool, caller.accountId, before.campaignId);
  return { data: await showOne(parts, row!), words: 'Campaign, as it stands now.', replayed: true };
}

/** The envelope's sentence: what happens now, and what the sender should know. */
export function said(row: CampaignRow, warnings: readonly string[], changed = false): string {
  const what = changed ? 'Campaign changed' : 'Campaign stored';
  const next =
    row.launched_at === null
      ? `${what}; it is scheduled.`
      : `${what}; it is being sent now to ${row.recipients} ${row.recipients === 1 ? 'recipient' : 'recipients'}. It can be paused and cancelled, but no longer changed.`;
  return [next, ...warnings.map((warning) => `Warning: ${warning}`)].join(' ');
}
