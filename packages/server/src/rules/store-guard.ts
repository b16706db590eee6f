import { plain, texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';

/** A rule and who wrote, for whom it acts; all who are no telephone number are one, ''. */
export interface Pair {
  accountId: number;
  ruleId: number;
  handset: string;
}

/** How often something was done, and whether the account was told of a stop. */
export interface Counted {
  acted: number;
  told: boolean;
}

/**
 * Keeps others from counting what the rules of these accounts did, until the end of the transaction. In one order, so that no
 * two wait for each other.
 */
export async function lockAccounts(run: Runner, accountIds: readonly number[]): Promise<void> {
  if (accountIds.length === 0) return;
  await run.query({
    name: 'lock-rules-of-accounts',
    text: `select pg_advisory_xact_lock(hash) from (
        select distinct hashtextextended(concat('veredus rules ', account_id), 0) as hash
        from unnest($1::integer[]) as w(account_id) order by hash
      ) sorted`,
    values: [plain(accountIds)],
  });
}

/** How often each rule acted for each handset since then, in order. */
export async function countForHandsets(run: Runner, pairs: readonly Pair[], since: number): Promise<Counted[]> {
  const { rows } = await run.query<Counted>({
    name: 'count-rule-acts',
    text: `select c.acted, c.told
      from unnest($1::integer[], $2::integer[], $3::text[]) with ordinality as w(account_id, rule_id, handset, position)
      cross join lateral (
        select count(*) filter (where a.state <> 3) as acted, coalesce(bool_or(a.facts->>'told' = 'handset'), false) as told
        from rule_actions a
        where a.rule_id = w.rule_id and (case when a.handset ~ '^[+][0-9]' then a.handset else '' end) = w.handset
          and a.created_at > $4 and a.account_id = w.account_id and a.kind = 'inbound'
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

/** How often each rule did what costs money since then, in order; counted up to `most`. */
export async function countCostly(
  run: Runner,
  rules: readonly { accountId: number; ruleId: number; action: string }[],
  since: number,
  most: number,
): Promise<Counted[]> {
  const { rows } = await run.query<Counted>({
    name: 'count-costly-rule-acts',
    text: `select (select count(*) from (
          select from rule_actions a
          where a.rule_id = w.rule_id and a.created_at > $4 and a.state <> 3 and a.action in ('AUTO_REPLY', 'SMS', 'GROUP_SMS')
            and a.action = w.action and a.account_id = w.account_id and a.kind = 'inbound' limit $5) counted) as acted,
        exists (select from rule_actions a where a.account_id = w.account_id and a.created_at > $4 and a.facts ? 'told'
          and a.facts->>'told' = 'rule' and a.rule_id = w.rule_id and a.kind = 'inbound') as told
      from unnest($1::integer[], $2::integer[], $3::text[]) with ordinality as w(account_id, rule_id, action, position)
      order by w.position`,
    values: [
      plain(rules.map((rule) => rule.accountId)),
      plain(rules.map((rule) => rule.ruleId)),
      texts(rules.map((rule) => rule.action)),
      since,
      most,
    ],
  });
  return rows;
}

/** How many mails the rules of each account made since then, in order; counted up to `most`. */
export async function countMails(
  run: Runner,
  accountIds: readonly number[],
  since: number,
  most: number,
): Promise<Counted[]> {
  const { rows } = await run.query<Counted>({
    name: 'count-rule-mails',
    text: `select (select count(*) from (
          select from rule_actions a where a.account_id = w.account_id and a.created_at > $2 and a.state <> 3
            and a.action in ('EMAIL_USER', 'EMAIL_FIXED', 'EMAIL') limit $3) counted) as acted,
        exists (select from rule_actions a where a.account_id = w.account_id and a.created_at > $2 and a.facts ? 'told'
          and a.facts->>'told' = 'mails') as told
      from unnest($1::integer[]) with ordinality as w(account_id, position)
      order by w.position`,
    values: [plain(accountIds), since, most],
  });
  return rows;
}
