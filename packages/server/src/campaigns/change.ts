import type { Origin } from '@veredus/tools/target';
import type { Caller } from '../accounts/caller.ts';
import type { Runner } from '../db/runner.ts';
import { type Client, inTransaction } from '../db/transaction.ts';
import { Refusal } from '../refusal.ts';
import type { CampaignRow } from './campaign.ts';
import { type CampaignInput, checkCampaign, keepListOf } from './check.ts';
import { launch } from './launch.ts';
import { type CampaignParts, said } from './send.ts';
import { type Shown, showOne } from './show.ts';
import { CampaignState, stateWord } from './state.ts';
import { lockCampaign, moveCampaign, replaceCampaign, storeOrigin } from './store.ts';
import { releaseRest } from './store-expand.ts';
import { waitForMarks } from './store-queue.ts';

/** All four changes answer the campaign as it is then. */
interface CampaignAnswer {
  data: Shown;
  words: string;
}

/** Replaces a campaign that waits for its time. Without a time it is launched: it goes out now, and is frozen. */
export async function updateCampaign(
  parts: CampaignParts,
  caller: Caller,
  { campaignId, input, origin }: { campaignId: number; input: CampaignInput; origin?: Origin | undefined },
): Promise<CampaignAnswer> {
  const { campaign, contacts, warnings } = await checkCampaign(parts, parts.pool, caller, input);
  const row = await change(
    parts,
    caller,
    campaignId,
    async (run, found) => {
      refuseUnless(found.state === CampaignState.scheduled, found, 'changed', 'Only a scheduled campaign can be');
      await keepListOf(run, caller, campaign.listId);
      const replaced = await replaceCampaign(run, found, campaign, { recipients: contacts, warnings });
      // Who changed it last answers for what it sends.
      await storeOrigin(run, replaced, origin ?? null);
      // One that was paused waits for its new time like any other.
      const ready = await moveCampaign(run, replaced, {
        state: CampaignState.scheduled,
        at: parts.clock.now(),
        pausedAt: null,
        words: null,
      });
      return campaign.scheduleAt === null ? launch(parts, run, caller, ready) : ready;
    },
    true,
  );
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
      return moveCampaign(run, found, { state: CampaignState.cancelled, at: now, doneAt: now });
    }
    const words = 'Only a scheduled or paused campaign can be';
    refuseUnless(found.state === CampaignState.sending && found.paused_at !== null, found, 'cancelled', words);
    const released = await releaseRest(run, found, now);
    // Its messages in the queue are cancelled next; while it counts as paused none of them leaves.
    return moveCampaign(run, released, { state: CampaignState.cancelled, at: now });
  });
  parts.wake();
  return { data: await showOne(parts, row), words: 'Campaign cancelled.' };
}

/**
 * From the commit on, no message of it leaves: dispatch asks before the bytes of each chunk do. Whoever asked before the commit
 * is waited for, so that it holds of the answer on every node.
 */
export async function pauseCampaign(parts: CampaignParts, caller: Caller, campaignId: number): Promise<CampaignAnswer> {
  const now = parts.clock.now();
  const row = await change(parts, caller, campaignId, async (run, found) => {
    const waits = found.state === CampaignState.scheduled || found.state === CampaignState.sending;
    refuseUnless(waits && found.paused_at === null, found, 'paused', 'Only a scheduled or sending campaign can be');
    return moveCampaign(run, found, { state: found.state as CampaignState, at: now, pausedAt: now, words: null });
  });
  await inTransaction(parts.pool, waitForMarks);
  return { data: await showOne(parts, row), words: 'Campaign paused; nothing more of it leaves.' };
}

/** Goes on at the very recipient it was at; one that was held because its time was missed is launched now. */
export async function resumeCampaign(
  parts: CampaignParts,
  caller: Caller,
  campaignId: number,
): Promise<CampaignAnswer> {
  const now = parts.clock.now();
  const row = await change(
    parts,
    caller,
    campaignId,
    async (run, found) => {
      refuseTooOld(found, now);
      const rests =
        found.state === CampaignState.held || (found.paused_at !== null && found.state <= CampaignState.sending);
      refuseUnless(rests, found, 'resumed', 'Only a paused or held campaign can be');
      if (found.state === CampaignState.sending) {
        // What dispatch put aside is set due again behind the call, chunk by chunk.
        return moveCampaign(run, found, {
          state: CampaignState.sending,
          at: now,
          pausedAt: null,
          resumedAt: now,
          words: null,
        });
      }
      const missed = found.state === CampaignState.held || (found.schedule_at ?? 0) <= now;
      const to = {
        state: CampaignState.scheduled,
        at: now,
        pausedAt: null,
        words: null,
        ...(missed ? { scheduleAt: now } : {}),
      };
      const ready = await moveCampaign(run, found, to);
      return missed ? launch(parts, run, caller, ready) : ready;
    },
    true,
  );
  parts.wake();
  return { data: await showOne(parts, row), words: 'Campaign resumed.' };
}

function change(
  { pool, gate }: CampaignParts,
  caller: Caller,
  campaignId: number,
  to: (run: Runner, found: CampaignRow) => Promise<CampaignRow>,
  launches = false,
): Promise<CampaignRow> {
  const work = async (run: Client) => {
    const found = await lockCampaign(run, caller.accountId, campaignId);
    if (found === null) throw new Refusal('not-found', `There is no campaign ${campaignId} in this account.`);
    return to(run, found);
  };
  // A pause and a cancel must not wait for anybody's launch.
  return launches ? gate(() => inTransaction(pool, work)) : inTransaction(pool, work);
}

/** Nothing older than five months is looked for in the queue any more. */
const RESUMABLE_MS = 120 * 86_400_000;

function refuseTooOld({ launched_at }: CampaignRow, now: number): void {
  if (launched_at === null || now - launched_at < RESUMABLE_MS) return;
  throw new Refusal('bad-request', 'It was launched more than 120 days ago; cancel it and make a new one.');
}

function refuseUnless(holds: boolean, row: CampaignRow, verb: string, rule: string): void {
  if (holds) return;
  const words = `${rule} ${verb}; this one is ${stateWord(row)}.`;
  throw new Refusal('bad-request', words, { fields: { sms_campaign_id: words } });
}
