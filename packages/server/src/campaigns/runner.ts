import type { Caller } from '../accounts/caller.ts';
import { findUser } from '../accounts/store.ts';
import { SMS_VALIDITY_MS } from '../channels/sms/send.ts';
import { inTransaction, undoable } from '../db/transaction.ts';
import { CHUNK, cancelCampaignChunk } from '../messages/store-cancel.ts';
import { Refusal } from '../refusal.ts';
import type { CampaignRow } from './campaign.ts';
import { type ExpandParts, expandChunk, LEASE_MS, Superseded } from './expand.ts';
import { type LaunchParts, launch } from './launch.ts';
import { type Senders, sendersOf } from './senders.ts';
import { CampaignState } from './state.ts';
import { moveCampaign } from './store.ts';
import { claimSending, lockDue, readChunk } from './store-expand.ts';
import { finish, openCampaigns, unpark } from './store-queue.ts';
import { hasQueued } from './store-statistics.ts';

export interface RunnerParts extends ExpandParts, LaunchParts {
  /** How late a scheduled campaign may still be launched by itself, in ms. */
  maxLatenessMs: number;
  /** Messages were set due in the table. */
  wakeDispatch(): void;
  log(event: string, facts: Record<string, unknown>): void;
}

/** Campaigns one node works on at a time. */
const AT_ONCE = 8;
const LOOKED_AT = 100;
const MINUTE_MS = 60_000;

interface Work {
  row: CampaignRow;
  caller: Caller;
  senders: Senders;
  /** The chunk that comes next begins here. */
  position: number;
}

/**
 * What goes on by itself with campaigns, on every node that sends: launches those whose time has come, makes the recipients of
 * launched ones into messages chunk by chunk, in turn where there are several, and ends those whose last message has left.
 * All it knows is in the tables, so it may be killed anywhere and go on elsewhere.
 */
export function campaignRunner(parts: RunnerParts) {
  const { pool, clock } = parts;
  let running: Promise<void> | null = null;
  let again = false;
  let stopping = false;

  /** Looks for work until there is none; one round at a time, and one more if it is asked for meanwhile. */
  const tick = (): Promise<void> => {
    if (running !== null) {
      again = true;
      return running;
    }
    running = (async () => {
      do {
        again = false;
        await launchDue();
        await expandAll();
        await finishAll();
      } while (again && !stopping);
    })().finally(() => {
      running = null;
    });
    return running;
  };

  const launchDue = async () => {
    while (!stopping && (await inTransaction(pool, launchOne))) again = true;
  };

  const launchOne = async (run: Parameters<typeof lockDue>[0]): Promise<boolean> => {
    const now = clock.now();
    const row = await lockDue(run, now);
    if (row === null) return false;
    const late = now - row.schedule_at!;
    if (late > parts.maxLatenessMs) {
      const words = `Its time was ${Math.round(late / MINUTE_MS)} minutes ago. Resume it to send it now, or cancel it.`;
      await moveCampaign(run, row, { state: CampaignState.held, words });
      parts.log('campaign.held', { campaign: row.campaign_id, minutesLate: Math.round(late / MINUTE_MS) });
      return true;
    }
    try {
      await undoable(run, async () => {
        const { caller } = await workFor(run, row);
        await launch(parts, run, caller, row);
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await moveCampaign(run, row, { state: CampaignState.failed, words: error.message, doneAt: now });
      parts.log('campaign.failed', { campaign: row.campaign_id, why: error.message });
    }
    return true;
  };

  const expandAll = async () => {
    let work = await claimWork();
    while (work.length > 0 && !stopping) {
      const goesOn: Work[] = [];
      for (const one of work) if (await expandNext(one)) goesOn.push(one);
      work = goesOn;
    }
  };

  const claimWork = async (): Promise<Work[]> => {
    const now = clock.now();
    const rows = await claimSending(pool, { now, until: now + LEASE_MS, limit: AT_ONCE });
    const work: Work[] = [];
    for (const row of rows) {
      try {
        work.push({ row, ...(await workFor(pool, row)), position: row.expanded + 1 });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        // The account may not send any more: what is not a message yet waits for somebody who looks into it.
        parts.log('campaign.stopped', { campaign: row.campaign_id, why: error.message });
        await inTransaction(pool, (run) =>
          moveCampaign(run, row, { state: CampaignState.sending, pausedAt: now, words: error.message }),
        );
      }
    }
    return work;
  };

  /** True = there is more of it. */
  const expandNext = async (work: Work): Promise<boolean> => {
    const chunk = await readChunk(pool, work.row, work.position);
    if (chunk === null) return false;
    try {
      await expandChunk(parts, work.caller, work.row, work.senders, chunk);
    } catch (error) {
      if (error instanceof Superseded) return false;
      // Nothing of the chunk is stored: the database was away, or a code was drawn that exists. The lease runs out and it is
      // tried again, here or elsewhere; whatever it was, it must not hold up other campaigns.
      parts.log('campaign.chunk-failed', { campaign: work.row.campaign_id, error: (error as Error).message });
      return false;
    }
    work.position += chunk.recipients.length;
    return work.position <= work.row.recipients;
  };

  const finishAll = async () => {
    for (const row of await openCampaigns(pool, LOOKED_AT)) {
      if (stopping) return;
      if (row.state === CampaignState.cancelled) await cancelRest(row);
      else if (!(await hasQueued(pool, row))) await finish(pool, row, CampaignState.sent, clock.now());
      // Put aside while it was paused, by a node that had not heard yet that it goes on.
      else await unparkAll(row);
    }
  };

  const unparkAll = async (row: CampaignRow) => {
    const now = clock.now();
    if ((await unpark(pool, row, { now, validUntil: now + SMS_VALIDITY_MS })) > 0) parts.wakeDispatch();
  };

  const cancelRest = async (row: CampaignRow) => {
    const which = { accountId: row.account_id, now: clock.now(), campaignId: row.campaign_id, tag: row.custom_string };
    while ((await cancelCampaignChunk(pool, which)) === CHUNK && !stopping);
    if (!(await hasQueued(pool, row))) await finish(pool, row, CampaignState.cancelled, clock.now());
  };

  const workFor = async (run: Parameters<typeof findUser>[0], row: CampaignRow) => {
    const caller = await callerOf(run, row);
    const senders = await sendersOf(parts, caller, { sender: row.sender, senders: row.senders as never });
    return { caller, senders };
  };

  return {
    tick,
    /** There may be something to do at once: do not wait for the next round. */
    wake: () => void tick().catch((error: Error) => parts.log('campaign.round-failed', { error: error.message })),
    async stop() {
      stopping = true;
      await running?.catch(() => {});
    },
  };
}

export type CampaignRunner = ReturnType<typeof campaignRunner>;

/** The user in whose name a campaign goes on, with the account as it is now. @throws Refusal when he may not any more. */
async function callerOf(run: Parameters<typeof findUser>[0], row: CampaignRow): Promise<Caller> {
  const identity = await findUser(run, row.account_id, row.user_id);
  if (identity === null) throw new Refusal('forbidden', 'The user who made the campaign is gone.');
  const { account } = identity;
  if (account.banned || !account.active) throw new Refusal('forbidden', 'The account is not active.');
  const { userId, username } = identity;
  return { accountId: row.account_id, userId, username, scopes: ['*'], via: 'key', keyId: null, account };
}
