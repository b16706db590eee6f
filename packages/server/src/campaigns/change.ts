import type { Caller } from '../accounts/caller.ts';
import { SMS_VALIDITY_MS } from '../channels/sms/send.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Runner } from '../messages/store.ts';
import { Refusal } from '../refusal.ts';
import type { CampaignRow } from './campaign.ts';
import { type CampaignInput, checkCampaign, keepListOf } from './check.ts';
import { launch } from './launch.ts';
import { type CampaignParts, said } from './send.ts';
import { type Shown, showOne } from './show.ts';
import { CampaignState, stateWord } from './state.ts';
import { lockCampaign, moveCampaign, replaceCampaign } from './store.ts';
import { releaseRest } from './store-expand.ts';
import { unpark } from './store-queue.ts';

/** All four changes answer the campaign as it is then. */
interface CampaignAnswer {
  data: Shown;
  words: string;
}

/** Replaces a campaign that waits for its time. Without a time it is launched: it goes out now, and is frozen. */
export async function updateCampaign(
  parts: CampaignParts,
  caller: Caller,
  { campaignId, input }: { campaignId: number; input: CampaignInput },
): Promise<CampaignAnswer> {
  const { campaign, contacts, warnings } = await checkCampaign(parts, parts.pool, caller, input);
  const row = await change(parts, caller, campaignId, async (run, found) => {
    refuseUnless(found.state === CampaignState.scheduled, found, 'changed', 'Only a scheduled campaign can be');
    await keepListOf(run, caller, campaign.listId);
    const replaced = await replaceCampaign(run, found, campaign, { recipients: contacts, warnings });
    // One that was paused waits for its new time like any other.
    const ready = await moveCampaign(run, replaced, { state: CampaignState.scheduled, pausedAt: null, words: null });
    return campaign.scheduleAt === null ? launch(parts, run, caller, ready) : ready;
  });
  parts.wake();
  return { data: await showOne(parts, row), words: said(row, warnings, true) };
}

/** Stops a campaign that waits for its time, or the rest of a paused one; whatever has left has left. */
export async function cancelCampaign(
  parts: CampaignParts,
  caller: Caller,
  campaignId: number,
): Promise<CampaignAnswer> {
  const now = parts.clock.now();
  const row = await change(parts, caller, campaignId, async (run, found) => {
    if (found.state === CampaignState.scheduled || found.state === CampaignState.held) {
      return moveCampaign(run, found, { state: CampaignState.cancelled, doneAt: now });
    }
    const words = 'Only a scheduled or paused campaign can be';
    refuseUnless(found.state === CampaignState.sending && found.paused_at !== null, found, 'cancelled', words);
    const released = await releaseRest(run, found, now);
    // Its messages in the queue are cancelled next; while it counts as paused none of them leaves.
    return moveCampaign(run, released, { state: CampaignState.cancelled });
  });
  parts.wake();
  return { data: await showOne(parts, row), words: 'Campaign cancelled.' };
}

/** From the commit on, no message of it leaves: dispatch asks before the bytes of each chunk do. */
export async function pauseCampaign(parts: CampaignParts, caller: Caller, campaignId: number): Promise<CampaignAnswer> {
  const now = parts.clock.now();
  const row = await change(parts, caller, campaignId, async (run, found) => {
    const waits = found.state === CampaignState.scheduled || found.state === CampaignState.sending;
    refuseUnless(waits && found.paused_at === null, found, 'paused', 'Only a scheduled or sending campaign can be');
    return moveCampaign(run, found, { state: found.state as CampaignState, pausedAt: now, words: null });
  });
  return { data: await showOne(parts, row), words: 'Campaign paused; nothing more of it leaves.' };
}

/** Goes on at the very recipient it was at; one that was held because its time was missed is launched now. */
export async function resumeCampaign(
  parts: CampaignParts & { wakeDispatch(): void },
  caller: Caller,
  campaignId: number,
): Promise<CampaignAnswer> {
  const now = parts.clock.now();
  const row = await change(parts, caller, campaignId, async (run, found) => {
    const rests =
      found.state === CampaignState.held || (found.paused_at !== null && found.state <= CampaignState.sending);
    refuseUnless(rests, found, 'resumed', 'Only a paused or held campaign can be');
    if (found.state === CampaignState.sending) {
      const moved = await moveCampaign(run, found, { state: CampaignState.sending, pausedAt: null, words: null });
      await unpark(run, moved, { now, validUntil: now + SMS_VALIDITY_MS });
      return moved;
    }
    const missed = found.state === CampaignState.held || (found.schedule_at ?? 0) <= now;
    const to = { state: CampaignState.scheduled, pausedAt: null, words: null, ...(missed ? { scheduleAt: now } : {}) };
    const ready = await moveCampaign(run, found, to);
    return missed ? launch(parts, run, caller, ready) : ready;
  });
  parts.wake();
  parts.wakeDispatch();
  return { data: await showOne(parts, row), words: 'Campaign resumed.' };
}

function change(
  { pool }: CampaignParts,
  caller: Caller,
  campaignId: number,
  to: (run: Runner, found: CampaignRow) => Promise<CampaignRow>,
): Promise<CampaignRow> {
  return inTransaction(pool, async (run) => {
    const found = await lockCampaign(run, caller.accountId, campaignId);
    if (found === null) throw new Refusal('not-found', `There is no campaign ${campaignId} in this account.`);
    return to(run, found);
  });
}

function refuseUnless(holds: boolean, row: CampaignRow, verb: string, rule: string): void {
  if (holds) return;
  const words = `${rule} ${verb}; this one is ${stateWord(row)}.`;
  throw new Refusal('bad-request', words, { fields: { sms_campaign_id: words } });
}
