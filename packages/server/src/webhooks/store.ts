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

/** Makes endpoints of addresses that are none yet. In one order everywhere, so that two transactions never wait for each other. */
export async function insertEndpoints(
  run: Runner,
  of: readonly { accountId: number; url: string }[],
  at: number,
): Promise<void> {
  await run.query({
    name: 'insert-webhook-endpoints',
    text: `insert into webhook_endpoints (account_id, url, created_at)
      select distinct u.account_id, u.url, $3::bigint from unnest($1::integer[], $2::text[]) u (account_id, url)
      where not exists (select from webhook_endpoints e where e.account_id = u.account_id and e.url = u.url)
      order by 1, 2
      on conflict (account_id, url) do nothing`,
    values: [plain(of.map(({ accountId }) => accountId)), texts(of.map(({ url }) => url)), at],
  });
}

/** What is for a disabled endpoint is dead from the start. */
export async function insertDeliveries(
  run: Runner,
  rows: readonly NewDelivery[],
  { at, giveUpAt }: { at: number; giveUpAt: number },
): Promise<void> {
  const { rowCount } = await run.query({
    name: 'insert-webhook-deliveries',
    text: `insert into webhook_deliveries (id, account_id, endpoint_id, kind, subject_id, method, content_type, query, body, depth,
        occurred_at, created_at, give_up_at, state, next_attempt_at, done_at)
      select n.id, n.account_id, e.endpoint_id, n.kind, n.subject_id, n.method, n.content_type, n.query, n.body, n.depth,
        n.occurred_at, $12::bigint, $13::bigint, case when e.disabled_at is null then 0 else 2 end,
        case when e.disabled_at is null then $12::bigint end, case when e.disabled_at is not null then $12::bigint end
      from unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[],
        $10::smallint[], $11::bigint[])
        n (id, account_id, url, kind, subject_id, method, content_type, query, body, depth, occurred_at)
      join webhook_endpoints e on e.account_id = n.account_id and e.url = n.url`,
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
  if (rowCount !== rows.length) throw new TypeError(`${rows.length} webhooks were to be queued, not ${rowCount}`);
}

/** Whether an account may have an endpoint of this URL that it has not yet: it may have `most`. */
export async function hasRoomFor(
  run: Runner,
  { accountId, url }: { accountId: number; url: string },
  most: number,
): Promise<boolean> {
  const { rows } = await run.query(
    `select exists (select from webhook_endpoints where account_id = $1 and url = $2)
       or (select count(*) from webhook_endpoints where account_id = $1) < $3 as room`,
    [accountId, url, most],
  );
  return rows[0].room;
}
