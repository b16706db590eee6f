import { plain, texts } from '../db/arrays.ts';
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

/** Takes texts no rule was asked about, oldest first, until the end of the transaction; not those another node has, nor `but`. */
export async function lockUnasked(run: Runner, but: readonly string[], limit: number): Promise<InboundText[]> {
  const { rows } = await run.query<InboundText>({
    name: 'lock-unasked-texts',
    text: `select ${TEXT_COLUMNS} from ${TEXT_SOURCE} where t.rules_at is null and t.id <> all($1::uuid[])
      order by t.id limit $2 for update of t skip locked`,
    values: [plain(but), limit],
  });
  return rows;
}

/** The ids of such texts, without taking them. */
export async function unaskedIds(run: Runner, but: readonly string[], limit: number): Promise<string[]> {
  const { rows } = await run.query<{ id: string }>({
    name: 'unasked-text-ids',
    text: 'select id from inbound_texts where rules_at is null and id <> all($1::uuid[]) order by id limit $2',
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

/** The enabled rules of these accounts by account, in the order they are asked in. */
export async function enabledRules(run: Runner, accountIds: readonly number[]): Promise<Map<number, AskedRule[]>> {
  const { rows } = await run.query<AskedRule>({
    name: 'enabled-inbound-rules',
    text: `select r.inbound_rule_id, r.account_id, r.rule_name, r.dedicated_number, r.message_search_type, r.message_search_term,
        upper(r.action) as action, r.action_address, r.body, r.webhook_type, a.country
      from inbound_rules r join accounts a on a.account_id = r.account_id
      where r.account_id = any($1::integer[]) and r.enabled
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

/** A rule and who wrote, for whom it acts. */
export interface Pair {
  accountId: number;
  ruleId: number;
  handset: string;
}

/**
 * Keeps others from counting what the rules of these did, until the end of the transaction. By handset, so that a chunk of
 * texts takes no more locks than it has texts; in one order, so that no two wait for each other.
 */
export async function lockHandsets(run: Runner, pairs: readonly Pair[]): Promise<void> {
  await run.query({
    name: 'lock-handsets',
    text: `select pg_advisory_xact_lock(hash) from (
        select distinct hashtextextended(concat('veredus rules ', account_id, ' ', handset), 0) as hash
        from unnest($1::integer[], $2::text[]) as w(account_id, handset) order by hash
      ) sorted`,
    values: [plain(pairs.map((pair) => pair.accountId)), texts(pairs.map((pair) => pair.handset))],
  });
}

/** How often each rule acted for each handset since then, in order, and whether the account was told of a stop. */
export async function countActs(
  run: Runner,
  pairs: readonly Pair[],
  since: number,
): Promise<{ acted: number; told: boolean }[]> {
  const { rows } = await run.query<{ acted: number; told: boolean }>({
    name: 'count-rule-acts',
    text: `select c.acted, c.told
      from unnest($1::integer[], $2::integer[], $3::text[]) with ordinality as w(account_id, rule_id, handset, position)
      cross join lateral (
        select count(*) filter (where a.state <> 3) as acted, coalesce(bool_or(a.facts ? 'told'), false) as told
        from rule_actions a
        where a.rule_id = w.rule_id and a.handset = w.handset and a.created_at > $4 and a.account_id = w.account_id
          and a.kind = 'inbound'
      ) c
      order by w.position`,
    values: [
      plain(pairs.map((pair) => pair.accountId)),
      plain(pairs.map((pair) => pair.ruleId)),
      texts(pairs.map((pair) => pair.handset)),
      since,
    ],
  });
  return rows;
}
