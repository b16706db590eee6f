import type { Origin } from '@veredus/tools/target';
import { plain } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import type { CampaignRow, NewCampaign } from './campaign.ts';
import { CampaignState, stateWord } from './state.ts';
import { tellState } from './tell.ts';

/** Stores a campaign that waits for its time, or is launched in the same transaction. Answers the row. */
export async function insertCampaign(
  run: Runner,
  who: { accountId: number; userId: number; channel: number },
  campaign: NewCampaign,
  facts: { at: number; recipients: number; warnings: readonly string[] },
): Promise<CampaignRow> {
  const { rows } = await run.query(
    `with made as (select nextval(pg_get_serial_sequence('campaigns', 'campaign_id'))::integer as id)
      insert into campaigns (campaign_id, account_id, user_id, channel, state, list_id, name, sender, body, senders, source,
        custom_string, url_to_shorten, created_at, schedule_at, recipients, warnings)
      overriding system value
      select made.id, $1, $2, $3, ${CampaignState.scheduled}, $4, $5, $6, $7, $8::jsonb, $9, 'sms_campaign_' || made.id, $10, $11, $12,
        $13, $14::jsonb from made
      returning *`,
    [
      who.accountId,
      who.userId,
      who.channel,
      campaign.listId,
      campaign.name,
      campaign.sender,
      campaign.body,
      campaign.senders === null ? null : JSON.stringify(campaign.senders),
      campaign.source,
      campaign.urlToShorten,
      facts.at,
      campaign.scheduleAt,
      facts.recipients,
      JSON.stringify(facts.warnings),
    ],
  );
  return rows[0];
}

/** A campaign of the account, held to the end of the transaction: of two changes at once the second sees the first. */
export async function lockCampaign(run: Runner, accountId: number, campaignId: number): Promise<CampaignRow | null> {
  const { rows } = await run.query('select * from campaigns where account_id = $1 and campaign_id = $2 for update', [
    accountId,
    campaignId,
  ]);
  return rows[0] ?? null;
}

export async function findCampaign(run: Runner, accountId: number, campaignId: number): Promise<CampaignRow | null> {
  const { rows } = await run.query('select * from campaigns where account_id = $1 and campaign_id = $2', [
    accountId,
    campaignId,
  ]);
  return rows[0] ?? null;
}

/** Replaces what a campaign says; who worked on it before is fenced off. */
export async function replaceCampaign(
  run: Runner,
  row: CampaignRow,
  campaign: NewCampaign,
  facts: { recipients: number; warnings: readonly string[] },
): Promise<CampaignRow> {
  const { rows } = await run.query(
    `update campaigns set list_id = $3, name = $4, sender = $5, body = $6, senders = $7, source = $8, url_to_shorten = $9,
        schedule_at = $10, recipients = $11, warnings = $12, token = token + 1
      where account_id = $1 and campaign_id = $2 returning *`,
    [
      row.account_id,
      row.campaign_id,
      campaign.listId,
      campaign.name,
      campaign.sender,
      campaign.body,
      campaign.senders === null ? null : JSON.stringify(campaign.senders),
      campaign.source ?? row.source,
      campaign.urlToShorten,
      campaign.scheduleAt,
      facts.recipients,
      JSON.stringify(facts.warnings),
    ],
  );
  return rows[0];
}

/** Where a campaign goes; what is not named stays. */
export interface Move {
  state: CampaignState;
  /** When. */
  at: number;
  pausedAt?: number | null;
  doneAt?: number | null;
  scheduleAt?: number | null;
  words?: string | null;
  resumedAt?: number;
}

/** Moves a campaign that is locked; who worked on it before is fenced off. Fields not named stay. */
export async function moveCampaign(run: Runner, row: CampaignRow, to: Move): Promise<CampaignRow> {
  const { rows } = await run.query(
    `update campaigns set state = $3, paused_at = $4, done_at = $5, schedule_at = $6, words = $7, resumed_at = $8, token = token + 1, lease_until = 0
      where account_id = $1 and campaign_id = $2 returning *`,
    [
      row.account_id,
      row.campaign_id,
      to.state,
      to.pausedAt === undefined ? row.paused_at : to.pausedAt,
      to.doneAt === undefined ? row.done_at : to.doneAt,
      to.scheduleAt === undefined ? row.schedule_at : to.scheduleAt,
      to.words === undefined ? row.words : to.words,
      to.resumedAt ?? row.resumed_at,
    ],
  );
  if (stateWord(rows[0]) !== stateWord(row)) await tellState(run, rows[0], to.at);
  return rows[0];
}

/** The names of lists; those deleted meanwhile are left out. */
export async function listNames(
  run: Runner,
  accountId: number,
  listIds: readonly number[],
): Promise<Map<number, string>> {
  const { rows } = await run.query(
    'select list_id, list_name from lists where account_id = $1 and list_id = any($2::integer[])',
    [accountId, plain([...new Set(listIds)])],
  );
  return new Map(rows.map((row) => [row.list_id as number, row.list_name as string]));
}

/** Notes which campaign a key's call made. False = the key was used before. */
export async function takeCampaignKey(
  run: Runner,
  accountId: number,
  key: { route: string; key: string; digest: Buffer },
  facts: { campaignId: number; at: number },
): Promise<boolean> {
  const { rowCount } = await run.query(
    `insert into idempotency_keys (account_id, route, key, digest, message_ids, campaign_id, created_at)
      values ($1, $2, $3, $4, '{}', $5, $6) on conflict do nothing`,
    [accountId, key.route, key.key, key.digest, facts.campaignId, facts.at],
  );
  return rowCount === 1;
}

export async function findCampaignKey(
  run: Runner,
  accountId: number,
  key: { route: string; key: string },
): Promise<{ digest: Buffer; campaignId: number } | null> {
  const { rows } = await run.query(
    `select digest, campaign_id from idempotency_keys
      where account_id = $1 and route = $2 and key = $3 and campaign_id is not null`,
    [accountId, key.route, key.key],
  );
  return rows[0] ? { digest: rows[0].digest, campaignId: rows[0].campaign_id } : null;
}

/** Notes which execution of an action made the campaign, or changed it last (null = a person did): it is behind every message of it. */
export async function storeOrigin(
  run: Runner,
  { account_id, campaign_id }: Pick<CampaignRow, 'account_id' | 'campaign_id'>,
  origin: Origin | null,
): Promise<void> {
  await run.query(
    'update campaigns set execution_id = $3, agent_id = $4, run_id = $5 where account_id = $1 and campaign_id = $2',
    [account_id, campaign_id, origin?.executionId ?? null, origin?.agentId ?? null, origin?.runId ?? null],
  );
}
