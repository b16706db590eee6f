import { callerFor } from '../accounts/act-for.ts';
import type { Caller } from '../accounts/caller.ts';
import { SMS_VALIDITY_MS } from '../channels/sms/send.ts';
import type { Runner } from '../db/runner.ts';
import { type Client, inTransaction, undoable } from '../db/transaction.ts';
import { CHUNK, cancelCampaignChunk } from '../messages/store-cancel.ts';
import { Refusal } from '../refusal.ts';
import type { CampaignRow, SenderChoice } from './campaign.ts';
import { type ExpandParts, expandChunk, LEASE_MS, Superseded, Unfit } from './expand.ts';
import { type LaunchParts, launch } from './launch.ts';
import { Looks } from './looks.ts';
import { type Senders, sendersOf } from './senders.ts';
import { CampaignState } from './state.ts';
import { lockCampaign, moveCampaign } from './store.ts';
import { claimSending, giveBack, lockDue, readChunk, restUntil } from './store-expand.ts';
import { finish, hasQueued, openCampaigns, UNPARK_CHUNK, unpark } from './store-queue.ts';

export interface RunnerParts extends ExpandParts, LaunchParts {
  /** How late a scheduled campaign may still be launched by itself, in ms. */
  maxLatenessMs: number;
  /** Messages were set due in the table. */
  wakeDispatch(): void;
  log(event: string, facts: Record<string, unknown>): void;
}

/** Campaigns one node makes messages of at a time. */
const AT_ONCE = 8;
const LOOKED_AT = 100;
const MINUTE_MS = 60_000;
/** A campaign with which something went wrong is left alone so long. */
const REST_MS = 30_000;

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
 * All it knows is in the tables, so it may be killed anywhere and go on elsewhere. What goes wrong with one campaign
 * keeps no other waiting.
 */
export function campaignRunner(parts: RunnerParts) {
  const { pool, clock } = parts;
  const looks = new Looks(clock);
  let work: Work[] = [];
  let running: Promise<void> | null = null;
  let again = false;
  let stopping = false;
  /** Where the look through open campaigns goes on. */
  let lookedTo = 0;

  /** Looks for work until there is none; one round at a time, and one more if it is asked for meanwhile. */
  const tick = (): Promise<void> => {
    if (running !== null) {
      again = true;
      return running;
    }
    running = rounds().finally(() => {
      running = null;
    });
    return running;
  };

  const rounds = async () => {
    do {
      again = false;
      await launchDue();
      await takeWork();
      // A chunk of each in turn, so that a small campaign does not wait for a large one, nor one that is due for either.
      const goesOn: Work[] = [];
      for (const one of work) if (!stopping && (await expandNext(one))) goesOn.push(one);
      work = goesOn;
      await finishSome();
    } while ((work.length > 0 || again) && !stopping);
    if (work.length > 0)
      await giveBack(
        pool,
        work.map(({ row }) => row),
      );
    work = [];
  };

  const trouble = (what: string, row: CampaignRow, error: unknown) =>
    parts.log(`campaign.${what}`, { campaign: row.campaign_id, error: (error as Error).message });

  const launchDue = async () => {
    while (!stopping && (await launchOne()));
  };

  /** False = none is due. */
  const launchOne = async (): Promise<boolean> => {
    let due: CampaignRow | null = null;
    try {
      return await inTransaction(pool, async (run) => {
        due = await lockDue(run, clock.now());
        if (due === null) return false;
        await launchOrHold(run, due);
        return true;
      });
    } catch (error) {
      if (due === null) throw error;
      trouble('launch-failed', due, error);
      await restUntil(pool, due, clock.now() + REST_MS);
      return true;
    }
  };

  const launchOrHold = async (run: Client, row: CampaignRow): Promise<void> => {
    const now = clock.now();
    const late = now - row.schedule_at!;
    if (late > parts.maxLatenessMs) {
      const minutes = Math.round(late / MINUTE_MS);
      const words = `Its time was ${minutes} minutes ago. Resume it to send it now, or cancel it.`;
      await moveCampaign(run, row, { state: CampaignState.held, at: now, words });
      parts.log('campaign.held', { campaign: row.campaign_id, minutesLate: minutes });
      return;
    }
    try {
      await undoable(run, async () => {
        await launch(parts, run, await callerOf(run, row), row);
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await moveCampaign(run, row, { state: CampaignState.failed, at: now, words: error.message, doneAt: now });
      parts.log('campaign.failed', { campaign: row.campaign_id, why: error.message });
    }
  };

  const takeWork = async () => {
    if (work.length >= AT_ONCE || stopping) return;
    const now = clock.now();
    const rows = await claimSending(pool, { now, until: now + LEASE_MS, limit: AT_ONCE - work.length });
    for (const row of rows) {
      try {
        const caller = await callerOf(pool, row);
        const senders = await sendersOf(parts, caller, {
          sender: row.sender,
          senders: row.senders as SenderChoice[] | null,
        });
        work.push({ row, caller, senders, position: row.expanded + 1 });
      } catch (error) {
        if (error instanceof Refusal) await setAside(row, error.message);
        // Its lease runs out, and it is tried again.
        else trouble('not-taken-up', row, error);
      }
    }
  };

  /** What is not a message yet waits for somebody who looks into it; unless the campaign went on without us. */
  const setAside = async (row: CampaignRow, why: string) => {
    parts.log('campaign.set-aside', { campaign: row.campaign_id, why });
    await inTransaction(pool, async (run) => {
      const found = await lockCampaign(run, row.account_id, row.campaign_id);
      if (found === null || found.token !== row.token || found.state !== CampaignState.sending) return;
      const at = clock.now();
      await moveCampaign(run, found, { state: CampaignState.sending, at, pausedAt: at, words: why });
    });
  };

  /** True = there is more of it. */
  const expandNext = async (one: Work): Promise<boolean> => {
    try {
      const chunk = await readChunk(pool, one.row, one.position);
      if (chunk === null) return false;
      await expandChunk(parts, one.caller, one.row, one.senders, chunk);
      one.position += chunk.recipients.length;
      return one.position <= one.row.recipients;
    } catch (error) {
      if (error instanceof Superseded) return false;
      if (error instanceof Unfit) await setAside(one.row, error.message);
      // Nothing of the chunk is stored: the database was away, or a code was drawn that exists. It is tried again when the lease
      // has run out, here or elsewhere.
      else trouble('chunk-failed', one.row, error);
      return false;
    }
  };

  const finishSome = async () => {
    if (!looks.mayLook()) return;
    const rows = await openCampaigns(pool, lookedTo, LOOKED_AT);
    lookedTo = rows.length < LOOKED_AT ? 0 : Math.max(...rows.map((row) => row.campaign_id));
    for (const row of rows) {
      if (stopping) return;
      if (!looks.isDue(row.campaign_id)) continue;
      try {
        if (await lookAt(row)) looks.forget(row.campaign_id);
        else looks.again(row.campaign_id);
      } catch (error) {
        trouble('look-failed', row, error);
        looks.again(row.campaign_id);
      }
    }
  };

  const end = (row: CampaignRow, state: CampaignState, now: number) =>
    inTransaction(pool, (run) => finish(run, row, state, now));

  /** True = there is nothing more to do. */
  const lookAt = async (row: CampaignRow): Promise<boolean> => {
    const now = clock.now();
    if (row.state === CampaignState.cancelled) {
      const which = { accountId: row.account_id, now, campaignId: row.campaign_id, tag: row.custom_string };
      while (!stopping && (await cancelCampaignChunk(pool, which)) === CHUNK);
      return !(await hasQueued(pool, row)) && end(row, CampaignState.cancelled, now);
    }
    if (row.resumed_at !== null) await unparkAll(row);
    if (row.expanded < row.recipients || (await hasQueued(pool, row))) return false;
    return end(row, CampaignState.sent, now);
  };

  /** Also what a node put aside that had not heard yet that it goes on: so it is looked for again and again. */
  const unparkAll = async (row: CampaignRow) => {
    const now = clock.now();
    for (let found = UNPARK_CHUNK; found === UNPARK_CHUNK && !stopping; ) {
      found = await unpark(pool, row, { now, validUntil: now + SMS_VALIDITY_MS });
      if (found > 0) parts.wakeDispatch();
    }
  };

  return {
    tick,
    /** There may be something to do at once: do not wait for the next round. */
    wake(): void {
      looks.clear();
      tick().catch((error: Error) => parts.log('campaign.round-failed', { error: error.message }));
    },
    async stop(): Promise<void> {
      stopping = true;
      await running?.catch(() => {});
    },
  };
}

export type CampaignRunner = ReturnType<typeof campaignRunner>;

/** The user in whose name a campaign goes on, with the account as it is now. @throws Refusal when he may not any more. */
async function callerOf(run: Runner, row: CampaignRow): Promise<Caller> {
  const caller = await callerFor(run, { accountId: row.account_id, userId: row.user_id });
  if (caller !== null) return caller;
  throw new Refusal('forbidden', 'The user who made the campaign is gone, or the account is not active.');
}
