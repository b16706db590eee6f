import { plain } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import type { CampaignRow } from './campaign.ts';
import { CampaignState } from './state.ts';
import type { Recipient } from './store-launch.ts';

/** The campaign whose time came first, held to the end of the transaction. */
export async function lockDue(run: Runner, now: number): Promise<CampaignRow | null> {
  const { rows } = await run.query(
    `select * from campaigns
      where state = ${CampaignState.scheduled} and done_at is null and paused_at is null and schedule_at <= $1 and lease_until <= $1
      order by schedule_at limit 1 for update skip locked`,
    [now],
  );
  return rows[0] ?? null;
}

/**
 * Takes campaigns that have recipients left and nobody working on them. The token fences off whoever had them before.
 * Answers their rows.
 */
export async function claimSending(
  run: Runner,
  claim: { now: number; until: number; limit: number },
): Promise<CampaignRow[]> {
  const { rows } = await run.query(
    `update campaigns set token = token + 1, lease_until = $2 where campaign_id in (
        select campaign_id from campaigns
        where state = ${CampaignState.sending} and done_at is null and paused_at is null and expanded < recipients and lease_until <= $1
        order by launched_at limit $3 for update skip locked
      ) returning *`,
    [claim.now, claim.until, claim.limit],
  );
  return rows;
}

/** Everybody who worked on a campaign is known to be gone: take them up at once. */
export async function freeCampaigns(run: Runner): Promise<void> {
  await run.query('update campaigns set lease_until = 0, token = token + 1 where done_at is null and lease_until > 0');
}

/** Leaves a campaign alone for a while: whatever went wrong with it must not keep others waiting. */
export async function restUntil(run: Runner, row: Pick<CampaignRow, 'campaign_id'>, until: number): Promise<void> {
  await run.query('update campaigns set lease_until = $2 where campaign_id = $1', [row.campaign_id, until]);
}

/** Gives campaigns back that this node holds, so that the next goes on with them at once. */
export async function giveBack(run: Runner, rows: readonly CampaignRow[]): Promise<void> {
  await run.query(
    `update campaigns c set lease_until = 0 from unnest($1::integer[], $2::integer[]) as w(campaign_id, token)
      where c.campaign_id = w.campaign_id and c.token = w.token and c.done_at is null`,
    [plain(rows.map((row) => row.campaign_id)), plain(rows.map((row) => row.token))],
  );
}

export interface Chunk {
  firstPosition: number;
  recipients: Recipient[];
}

/** The chunk that begins at a position. */
export async function readChunk(run: Runner, campaign: CampaignRow, firstPosition: number): Promise<Chunk | null> {
  const { rows } = await run.query({
    name: 'read-campaign-chunk',
    text: `select contact_ids, recipients, countries, bodies, parts, prices from campaign_chunks
      where campaign_id = $1 and first_position = $2 and account_id = $3`,
    values: [campaign.campaign_id, firstPosition, campaign.account_id],
  });
  const row = rows[0];
  if (!row) return null;
  const recipients = (row.contact_ids as number[]).map((contactId, i) => ({
    contactId,
    recipient: row.recipients[i],
    country: row.countries[i],
    body: row.bodies[i],
    parts: row.parts[i],
    priceMicro: row.prices[i],
  }));
  return { firstPosition, recipients };
}

/**
 * Notes that a chunk has become messages, and gives back what of its reservation no message holds. Answers false when the
 * campaign is no longer ours, was paused or stopped, or has passed this chunk: then nothing may be stored.
 */
export async function advance(
  run: Runner,
  campaign: CampaignRow,
  step: {
    firstPosition: number;
    messageIds: readonly string[];
    /** What the chunk was reserved with, and what of it nothing was made of. */
    heldMicro: number;
    heldMessages: number;
    releasedMicro: number;
    releasedMessages: number;
    at: number;
    until: number;
  },
): Promise<boolean> {
  const { rowCount } = await run.query({
    name: 'advance-campaign',
    text: `update campaigns set expanded = expanded + $5, held_micro = held_micro - $6, held_messages = held_messages - $7,
        released_micro = released_micro + $8, released_messages = released_messages + $9, lease_until = $10
      where campaign_id = $1 and account_id = $2 and token = $3 and state = ${CampaignState.sending} and paused_at is null
        and expanded = $4 - 1`,
    values: [
      campaign.campaign_id,
      campaign.account_id,
      campaign.token,
      step.firstPosition,
      step.messageIds.length,
      step.heldMicro,
      step.heldMessages,
      step.releasedMicro,
      step.releasedMessages,
      step.until,
    ],
  });
  if (rowCount !== 1) return false;
  await run.query({
    name: 'advance-campaign-chunk',
    text: 'update campaign_chunks set message_ids = $3::uuid[] where campaign_id = $1 and first_position = $2',
    values: [campaign.campaign_id, step.firstPosition, plain(step.messageIds)],
  });
  await release(run, {
    accountId: campaign.account_id,
    amountMicro: step.releasedMicro,
    messages: step.releasedMessages,
    at: step.at,
  });
  return true;
}

/** Gives back a part of a campaign's reservation: held -> available. */
export async function release(
  run: Runner,
  what: { accountId: number; amountMicro: number; messages: number; at: number },
): Promise<void> {
  if (what.amountMicro === 0) return;
  await run.query(
    `with entry as (
        insert into ledger_entries (account_id, at, kind, debit, credit, amount_micro, messages)
        values ($1, $2, 'release', 'held', 'available', $3, $4)
      )
      update ledger_balances set held_micro = held_micro - $3, available_micro = available_micro + $3 where account_id = $1`,
    [what.accountId, what.at, what.amountMicro, what.messages],
  );
}

/** What a cancelled campaign still held for recipients that never became messages goes back. Answers the row. */
export async function releaseRest(run: Runner, row: CampaignRow, at: number): Promise<CampaignRow> {
  const { rows } = await run.query(
    `update campaigns set held_micro = 0, held_messages = 0, released_micro = released_micro + held_micro,
        released_messages = released_messages + held_messages
      where account_id = $1 and campaign_id = $2 returning *`,
    [row.account_id, row.campaign_id],
  );
  await release(run, { accountId: row.account_id, amountMicro: row.held_micro, messages: row.held_messages, at });
  return rows[0];
}
