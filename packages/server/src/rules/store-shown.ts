import type { Runner } from '../db/runner.ts';

/** An action as its account sees it. Times in ms. */
export interface ShownAction {
  action_id: string;
  subject_id: string;
  handset: string;
  action: string;
  state: number;
  outcome: string | null;
  attempts: number;
  created_at: number;
  done_at: number | null;
}

interface Rule {
  accountId: number;
  ruleId: number;
}

const OF_RULE = `from rule_actions where account_id = $1 and kind = 'inbound' and rule_id = $2`;

/** How many actions the rule has, up to so many. */
export async function countActions(run: Runner, { accountId, ruleId }: Rule, most: number): Promise<number> {
  const { rows } = await run.query<{ count: number }>({
    name: 'count-rule-actions',
    text: `select count(*) as count from (select ${OF_RULE} limit $3) counted`,
    values: [accountId, ruleId, most],
  });
  return rows[0]!.count;
}

export async function findActions(
  run: Runner,
  { accountId, ruleId }: Rule,
  { skip, count }: { skip: number; count: number },
): Promise<ShownAction[]> {
  const { rows } = await run.query<ShownAction>({
    name: 'find-rule-actions',
    text: `select action_id, subject_id, handset, action, state, outcome,
        attempts - coalesce((facts->>'chunks')::integer, 0) as attempts, created_at, done_at
      ${OF_RULE} order by action_id desc offset $3 limit $4`,
    values: [accountId, ruleId, skip, count],
  });
  return rows;
}

export async function ruleExists(run: Runner, accountId: number, ruleId: number): Promise<boolean> {
  const { rows } = await run.query({
    name: 'inbound-rule-exists',
    text: 'select 1 from inbound_rules where account_id = $1 and inbound_rule_id = $2',
    values: [accountId, ruleId],
  });
  return rows.length > 0;
}
