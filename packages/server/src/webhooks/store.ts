import { plain, texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import type { Encoded } from './encode.ts';

/** webhook_deliveries.state. */
export const Delivery = { waiting: 0, delivered: 1, dead: 2 } as const;

export interface NewDelivery extends Encoded {
  id: string;
  accountId: number;
  url: string;
  kind: string;
  subjectId: string | null;
  depth: number;
  occurredAt: number;
}

/** Addresses of one account that test calls and people may make endpoints of… */
export const MOST_ENDPOINTS = 500;
/** …and those of real events: so no test ever takes the place of one. */
export const MOST_BY_EVENTS = 2 * MOST_ENDPOINTS;

/**
 * Makes endpoints of addresses that are none yet, as long as their account has fewer than `most`; a few more when several are made
 * in the same moment. In one order everywhere, so that two transactions never wait for each other.
 */
export async function insertEndpoints(
  run: Runner,
  of: readonly { accountId: number; url: string; most: number }[],
  at: number,
): Promise<void> {
  await run.query({
    name: 'insert-webhook-endpoints',
    text: `insert into webhook_endpoints (account_id, url, created_at)
      select n.account_id, n.url, $4::bigint from (
        select u.account_id, u.url, max(u.most) as most, row_number() over (partition by u.account_id order by max(u.most) desc) as nth
        from unnest($1::integer[], $2::text[], $3::integer[]) u (account_id, url, most)
        where not exists (select from webhook_endpoints e where e.account_id = u.account_id and e.url = u.url)
        group by u.account_id, u.url) n
      where n.nth + (select count(*) from webhook_endpoints e where e.account_id = n.account_id) <= n.most
      order by 1, 2
      on conflict (account_id, url) do nothing`,
    values: [
      plain(of.map(({ accountId }) => accountId)),
      texts(of.map(({ url }) => url)),
      plain(of.map(({ most }) => most)),
      at,
    ],
  });
}

/** What is for a disabled endpoint is dead from the start. Answers the ids of those whose address is an endpoint. */
export async function insertDeliveries(
  run: Runner,
  rows: readonly NewDelivery[],
  { at, giveUpAt }: { at: number; giveUpAt: number },
): Promise<Set<string>> {
  const inserted = await run.query({
    name: 'insert-webhook-deliveries',
    text: `insert into webhook_deliveries (id, account_id, endpoint_id, kind, subject_id, method, content_type, query, body, depth,
        occurred_at, created_at, give_up_at, state, next_attempt_at, done_at)
      select n.id, n.account_id, e.endpoint_id, n.kind, n.subject_id, n.method, n.content_type, n.query, n.body, n.depth,
        n.occurred_at, $12::bigint, $13::bigint, case when e.disabled_at is null then 0 else 2 end,
        case when e.disabled_at is null then $12::bigint end, case when e.disabled_at is not null then $12::bigint end
      from unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[],
        $10::smallint[], $11::bigint[])
        n (id, account_id, url, kind, subject_id, method, content_type, query, body, depth, occurred_at)
      join webhook_endpoints e on e.account_id = n.account_id and e.url = n.url
      for key share of e
      returning id`,
    values: [
      plain(rows.map(({ id }) => id)),
      plain(rows.map(({ accountId }) => accountId)),
      texts(rows.map(({ url }) => url)),
      texts(rows.map(({ kind }) => kind)),
      plain(rows.map(({ subjectId }) => subjectId)),
      texts(rows.map(({ method }) => method)),
      texts(rows.map(({ contentType }) => contentType)),
      texts(rows.map(({ query }) => query)),
      texts(rows.map(({ body }) => body)),
      plain(rows.map(({ depth }) => depth)),
      plain(rows.map(({ occurredAt }) => occurredAt)),
      at,
      giveUpAt,
    ],
  });
  return new Set(inserted.rows.map(({ id }) => id));
}

/** Test calls of an account since `from` (ms), counted up to `most`. */
export async function countTests(run: Runner, accountId: number, from: number, most: number): Promise<number> {
  const { rows } = await run.query(
    `select count(*)::integer as count from (
       select from webhook_deliveries where account_id = $1 and kind = 'test' and created_at > $2 limit $3) d`,
    [accountId, from, most],
  );
  return rows[0].count;
}
