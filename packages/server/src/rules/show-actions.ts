import type { Params, Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { makePage } from '@veredus/contract/page';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import type { Database } from '../db/db.ts';
import { asAccountClient } from '../db/runner.ts';
import { showMessageId } from '../messages/ids.ts';
import { type ActionState, STATE_WORDS } from './action.ts';
import { noSuchRule } from './refusals.ts';
import { countActions, findActions, ruleExists, type ShownAction } from './store-shown.ts';

export interface ShowActionsParts {
  db: Pick<Database, 'appPool'>;
  publicUrl: () => string;
}

type Call = Endpoints['inboundRuleActions'];

/** The most actions of a rule that are counted and paged through. */
export const COUNTED_ACTIONS = 10_000;

/** What a rule did, newest first; of one that was deleted as well, as long as it is kept. @throws Refusal not-found */
export async function showActions(
  { db, publicUrl }: ShowActionsParts,
  { accountId }: Caller,
  { inbound_rule_id: ruleId }: Params<Call>,
  { page, limit }: Query<Call>,
): Promise<Answer<Call>> {
  const { total, rows } = await asAccountClient(db, accountId, async (client) => {
    const total = await countActions(client, { accountId, ruleId }, COUNTED_ACTIONS);
    if (total === 0 && !(await ruleExists(client, accountId, ruleId))) throw noSuchRule('inbound_rule_id', ruleId);
    const skip = (page - 1) * limit;
    const count = Math.max(0, Math.min(limit, total - skip));
    return { total, rows: count === 0 ? [] : await findActions(client, { accountId, ruleId }, { skip, count }) };
  });
  const url = new URL(`${publicUrl()}/v3/automations/sms/inbound/${ruleId}/actions`);
  if (limit !== 15) url.searchParams.set('limit', String(limit));
  const words =
    total < COUNTED_ACTIONS
      ? 'What the rule did.'
      : `What the rule did. Only the last ${COUNTED_ACTIONS} times are listed.`;
  return { data: makePage({ total, page, limit, rows: rows.map(show), url: url.href }), words };
}

const show = (row: ShownAction) => ({
  action_id: showMessageId(row.action_id),
  message_id: showMessageId(row.subject_id),
  handset: row.handset,
  action: row.action,
  state: STATE_WORDS[row.state as ActionState]!,
  outcome: row.outcome,
  attempts: row.attempts,
  date_added: seconds(row.created_at),
  date_done: row.done_at === null ? null : seconds(row.done_at),
});

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);
