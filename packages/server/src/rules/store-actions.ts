import { plain, texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import type { ActionFacts, Ending, NewAction, TakenAction } from './action.ts';

/** Actions of one statement. */
const PIECE = 1_000;

/** Keeps what rules want done, or have done. */
export async function insertActions(run: Runner, actions: readonly NewAction[]): Promise<void> {
  for (let i = 0; i < actions.length; i += PIECE) await insertPiece(run, actions.slice(i, i + PIECE));
}

async function insertPiece(run: Runner, actions: readonly NewAction[]): Promise<void> {
  const ended = (action: NewAction) => action.ending !== null;
  await run.query({
    name: 'insert-rule-actions',
    text: `insert into rule_actions (action_id, account_id, created_at, kind, rule_id, rule_name, subject_id, handset, action,
        action_address, body, webhook_type, message_search_term, facts, state, outcome, next_attempt_at, done_at)
      select action_id, account_id, created_at, kind, rule_id, rule_name, subject_id, handset, action, action_address, body,
        webhook_type, message_search_term, facts, state, outcome,
        case when state = 0 then created_at end, case when state <> 0 then created_at end
      from unnest($1::uuid[], $2::integer[], $3::bigint[], $4::text[], $5::integer[], $6::text[], $7::uuid[], $8::text[],
        $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::jsonb[], $15::smallint[], $16::text[])
        as a(action_id, account_id, created_at, kind, rule_id, rule_name, subject_id, handset, action, action_address, body,
          webhook_type, message_search_term, facts, state, outcome)`,
    values: [
      plain(actions.map((action) => action.id)),
      plain(actions.map((action) => action.accountId)),
      plain(actions.map((action) => action.createdAt)),
      texts(actions.map((action) => action.kind)),
      plain(actions.map((action) => action.ruleId)),
      texts(actions.map((action) => action.ruleName)),
      plain(actions.map((action) => action.subjectId)),
      texts(actions.map((action) => action.handset)),
      texts(actions.map((action) => action.action)),
      texts(actions.map((action) => action.actionAddress)),
      texts(actions.map((action) => action.body)),
      texts(actions.map((action) => action.webhookType)),
      texts(actions.map((action) => action.searchTerm)),
      texts(actions.map((action) => JSON.stringify(action.facts))),
      plain(actions.map((action) => (ended(action) ? action.ending!.state : 0))),
      texts(actions.map((action) => action.ending?.outcome ?? null)),
    ],
  });
}

const TAKEN = `action_id, account_id, created_at, kind, rule_id, rule_name, subject_id, handset, action, action_address, body,
  message_search_term, facts, attempts, progress`;

/** From one account that has something waiting to the next, without reading what waits in between. */
const WAITING = `waiting as (
    (select account_id from rule_actions where state = 0 order by account_id limit 1)
    union all
    select n.account_id from waiting w cross join lateral (
      select a.account_id from rule_actions a where a.state = 0 and a.account_id > w.account_id order by a.account_id limit 1) n
  )`;

export interface Taking {
  now: number;
  until: number;
  limit: number;
  /** Forwards to lists, or all others. */
  toLists: boolean;
  /** How many of an account may run here, and how many do. */
  each: number;
  running: ReadonlyMap<number, number>;
}

/**
 * Takes actions that are due: of each account in turn the one that has been due longest, so that no account waits for the
 * backlog of another. They are nobody else's until `until`.
 */
export async function takeActions(run: Runner, taking: Taking): Promise<TakenAction[]> {
  const { rows } = await run.query<TakenAction>({
    name: 'take-rule-actions',
    text: `with recursive ${WAITING}, due as (
        select d.action_id, d.next_attempt_at,
          coalesce(b.running, 0) + row_number() over (partition by w.account_id order by d.next_attempt_at) as turn
        from waiting w
        left join unnest($6::integer[], $7::integer[]) as b(account_id, running) on b.account_id = w.account_id
        cross join lateral (
          select a.action_id, a.next_attempt_at from rule_actions a
          where a.state = 0 and a.account_id = w.account_id and (case when a.action = 'GROUP_SMS' then 1 else 0 end) = $4::integer
            and a.next_attempt_at <= $1
          order by a.next_attempt_at limit greatest($5::integer - coalesce(b.running, 0), 0)) d
      )
      update rule_actions set attempts = attempts + 1, next_attempt_at = $2
      where action_id = any(array(
        select action_id from rule_actions
        where action_id = any(array(select action_id from due order by turn, next_attempt_at limit $3))
          and state = 0 and next_attempt_at <= $1
        for update skip locked))
      returning ${TAKEN}`,
    values: [
      taking.now,
      taking.until,
      taking.limit,
      taking.toLists ? 1 : 0,
      taking.each,
      plain([...taking.running.keys()]),
      plain([...taking.running.values()]),
    ],
  });
  return rows;
}

type Held = Pick<TakenAction, 'action_id' | 'account_id' | 'attempts'>;
const HELD = 'where action_id = $1 and account_id = $2 and attempts = $3 and state = 0';
const held = ({ action_id, account_id, attempts }: Held) => [action_id, account_id, attempts];

/** In the transaction of its effect. False = another took it meanwhile, so that effect must not be. */
export async function endAction(run: Runner, action: Held, { state, outcome }: Ending, at: number): Promise<boolean> {
  const { rowCount } = await run.query({
    name: 'end-rule-action',
    text: `update rule_actions set state = $4, outcome = $5, done_at = $6, next_attempt_at = null ${HELD}`,
    values: [...held(action), state, outcome, at],
  });
  return rowCount === 1;
}

/** A part of it is done, and it is due again then. False = as in `endAction`. */
export async function advanceAction(
  run: Runner,
  action: Held,
  to: { progress: number; facts: ActionFacts; dueAt: number },
): Promise<boolean> {
  const { rowCount } = await run.query({
    name: 'advance-rule-action',
    text: `update rule_actions set progress = $4, facts = $5, next_attempt_at = $6 ${HELD}`,
    values: [...held(action), to.progress, JSON.stringify(to.facts), to.dueAt],
  });
  return rowCount === 1;
}

/** It is due again then; `why` is shown meanwhile. */
export async function putOff(run: Runner, action: Held, at: number, why: string | null): Promise<void> {
  await run.query({
    name: 'put-off-rule-action',
    text: `update rule_actions set next_attempt_at = $4, outcome = coalesce($5, outcome) ${HELD}`,
    values: [...held(action), at, why],
  });
}

/** Whoever took an action is known to be gone: all that wait are due at once. */
export async function freeActions(run: Runner): Promise<void> {
  await run.query('update rule_actions set next_attempt_at = created_at where state = 0');
}

/** Forgets what rules did before then, at most so many at once. */
export async function dropOldActions(run: Runner, before: number, most: number): Promise<number> {
  const { rowCount } = await run.query({
    name: 'drop-old-rule-actions',
    text: `delete from rule_actions where action_id = any(array(
      select action_id from rule_actions where created_at < $1 and state <> 0 order by created_at limit $2))`,
    values: [before, most],
  });
  return rowCount ?? 0;
}
