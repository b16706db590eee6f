import { plain } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import { type InboundText, TEXT_COLUMNS, TEXT_SOURCE } from '../inbound/store-texts.ts';
import type { Matching } from './match-text.ts';

/** A rule that is enabled, as it is asked. */
export interface AskedRule extends Matching {
  inbound_rule_id: number;
  account_id: number;
  rule_name: string;
  action_address: string;
  body: string | null;
  webhook_type: string | null;
  /** The account's own: local numbers are meant in it. */
  country: string;
}

/** From one account that has texts no rule was asked about to the next, without reading what lies in between. */
const WAITING = `waiting as (
    (select account_id from inbound_texts where rules_at is null order by account_id limit 1)
    union all
    select n.account_id from waiting w cross join lateral (
      select t.account_id from inbound_texts t where t.rules_at is null and t.account_id > w.account_id
      order by t.account_id limit 1) n
  )`;

/** Such texts of each account, and the how manieth they are; more than are taken, since other nodes have some. */
const TURNS = `with recursive ${WAITING}, turns as (
    select d.id, row_number() over (partition by w.account_id order by d.id) as turn
    from waiting w cross join lateral (
      select t.id from inbound_texts t where t.rules_at is null and t.account_id = w.account_id and t.id <> all($1::uuid[])
      order by t.id limit 4 * $2) d
  )`;

/**
 * Takes texts no rule was asked about until the end of the transaction: of each account in turn its oldest, so that no account
 * waits for another's; not those another node has, nor `but`.
 */
export async function lockUnasked(run: Runner, but: readonly string[], limit: number): Promise<InboundText[]> {
  const { rows } = await run.query<InboundText>({
    name: 'lock-unasked-texts',
    text: `${TURNS}, first as (
        select array_agg(f.id order by f.turn, f.id) as ids from (select id, turn from turns order by turn, id limit 4 * $2) f
      )
      select ${TEXT_COLUMNS} from ${TEXT_SOURCE} where t.id = any((select ids from first)::uuid[]) and t.rules_at is null
      order by array_position((select ids from first), t.id) limit $2 for update of t skip locked`,
    values: [plain(but), limit],
  });
  return rows;
}

/** The ids of such texts, without taking them. */
export async function unaskedIds(run: Runner, but: readonly string[], limit: number): Promise<string[]> {
  const { rows } = await run.query<{ id: string }>({
    name: 'unasked-text-ids',
    text: `${TURNS} select id from turns order by turn, id limit $2`,
    values: [plain(but), limit],
  });
  return rows.map(({ id }) => id);
}

/** Takes one text, as `lockUnasked`; null = another has it, or it was asked about. */
export async function lockUnaskedOne(run: Runner, id: string): Promise<InboundText | null> {
  const { rows } = await run.query<InboundText>({
    name: 'lock-unasked-text',
    text: `select ${TEXT_COLUMNS} from ${TEXT_SOURCE} where t.rules_at is null and t.id = $1 for update of t skip locked`,
    values: [id],
  });
  return rows[0] ?? null;
}

/**
 * The enabled rules of these accounts by account, in the order they are asked in. For an account that may not act nothing is
 * done but keeping its texts readable.
 */
export async function enabledRules(run: Runner, accountIds: readonly number[]): Promise<Map<number, AskedRule[]>> {
  const { rows } = await run.query<AskedRule>({
    name: 'enabled-inbound-rules',
    text: `select r.inbound_rule_id, r.account_id, r.rule_name, r.dedicated_number, r.message_search_type, r.message_search_term,
        upper(r.action) as action, r.action_address, r.body, r.webhook_type, a.country
      from inbound_rules r join accounts a on a.account_id = r.account_id
      where r.account_id = any($1::integer[]) and r.enabled
        and ((a.active and not a.banned) or upper(r.action) in ('POLL', 'NONE'))
      order by r.account_id, r.position, r.inbound_rule_id`,
    values: [plain(accountIds)],
  });
  return Map.groupBy(rows, (rule) => rule.account_id);
}

/** The rules were asked about these, and of `polled` one wants them readable. */
export async function markAsked(
  run: Runner,
  asked: { ids: readonly string[]; polled: readonly string[]; at: number },
): Promise<void> {
  await run.query({
    name: 'mark-texts-asked',
    text: 'update inbound_texts set rules_at = $1, polled = polled or id = any($3::uuid[]) where id = any($2::uuid[])',
    values: [asked.at, plain(asked.ids), plain(asked.polled)],
  });
}
