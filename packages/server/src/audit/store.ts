import { escapeLike } from '../db/escape-like.ts';
import type { Runner } from '../db/runner.ts';

export interface StoredAuditEvent {
  event_id: number;
  at: number;
  actor: string;
  action: string;
  facts: Record<string, unknown>;
}

export async function insertAuditEvent(
  run: Runner,
  event: { accountId: number; at: number; actor: string; action: string; facts: unknown },
): Promise<void> {
  await run.query({
    name: 'insert-audit-event',
    text: 'insert into audit_events (account_id, at, actor, action, facts) values ($1, $2, $3, $4, $5::jsonb)',
    values: [event.accountId, event.at, event.actor, event.action, JSON.stringify(event.facts)],
  });
}

/** What one pair of `q` asks of an event. Columns are named by us, values stay values. */
export type AuditCondition =
  | { kind: 'always' }
  | { kind: 'never' }
  | { kind: 'contains'; column: 'action' | 'actor'; value: string }
  /** ms, `until` exclusive. */
  | { kind: 'between'; from: number; until: number };

export interface AuditSearch {
  conditions: readonly AuditCondition[];
  /** One is enough. */
  any: boolean;
  from: number | null;
  until: number | null;
}

/** As far as events are counted: nobody leafs through more. */
export const COUNTED = 10_000;

/** A page of a search, the newest first, within the latest `COUNTED` that fit. */
export async function findAuditEvents(
  run: Runner,
  accountId: number,
  search: AuditSearch,
  { skip, count }: { skip: number; count: number },
): Promise<{ total: number; rows: StoredAuditEvent[] }> {
  const values: unknown[] = [accountId];
  const where = whereOf(search, values);
  const counted = await run.query(
    // In the order of the index, or all of the account's might be gathered first.
    `select count(*)::integer as total from (
       select 1 from audit_events e where ${where} order by e.event_id desc limit ${COUNTED}
     ) e`,
    values,
  );
  const { total } = counted.rows[0];
  if (skip >= total) return { total, rows: [] };
  const { rows } = await run.query(
    `select event_id, at, actor, action, facts from audit_events e where ${where}
     order by event_id desc limit ${Math.min(count, total - skip)} offset ${skip}`,
    values,
  );
  return { total, rows };
}

/** `values` takes in what is bound. */
function whereOf(search: AuditSearch, values: unknown[]): string {
  const bind = (value: unknown, type: string) => `$${values.push(value)}::${type}`;
  const all = ['e.account_id = $1::integer'];
  if (search.from !== null) all.push(`e.at >= ${bind(search.from, 'bigint')}`);
  if (search.until !== null) all.push(`e.at < ${bind(search.until, 'bigint')}`);
  const pairs = search.conditions.map((condition) => `(${compare(condition, bind)})`);
  if (pairs.length > 0) all.push(`(${pairs.join(search.any ? ' or ' : ' and ')})`);
  return all.join(' and ');
}

function compare(condition: AuditCondition, bind: (value: unknown, type: string) => string): string {
  switch (condition.kind) {
    case 'always':
      return 'true';
    case 'never':
      return 'false';
    case 'contains':
      return `e.${condition.column} ilike ${bind(`%${escapeLike(condition.value)}%`, 'text')} escape '\\'`;
    case 'between':
      return `e.at >= ${bind(condition.from, 'bigint')} and e.at < ${bind(condition.until, 'bigint')}`;
  }
}
