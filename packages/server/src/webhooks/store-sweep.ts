import type { Runner } from '../db/runner.ts';

/** Forgets deliveries that ended before `before` (ms), with their attempts. Answers how many. */
export async function dropOldDeliveries(run: Runner, before: number, limit: number): Promise<number> {
  const { rowCount } = await run.query({
    name: 'drop-old-webhooks',
    text: `delete from webhook_deliveries d using (
        select id from webhook_deliveries where state <> 0 and done_at < $1 order by done_at limit $2 for update skip locked
      ) old where d.id = old.id`,
    values: [before, limit],
  });
  return rowCount ?? 0;
}

/**
 * Forgets endpoints that events made before `before` (ms) and for which nothing is kept any more. One whose key somebody has
 * stays, since another of its address would have another key; so does one that was disabled. Answers how many.
 */
export async function dropIdleEndpoints(run: Runner, before: number, limit: number): Promise<number> {
  const { rowCount } = await run.query({
    name: 'drop-idle-webhook-endpoints',
    text: `delete from webhook_endpoints e using (
        select i.endpoint_id from webhook_endpoints i
        where not i.kept and i.disabled_at is null and i.created_at < $1 and coalesce(i.last_attempt_at, 0) < $1
          and not exists (select from webhook_deliveries d where d.account_id = i.account_id and d.endpoint_id = i.endpoint_id)
        order by i.endpoint_id limit $2 for update skip locked
      ) idle
      where e.endpoint_id = idle.endpoint_id
        and not exists (select from webhook_deliveries d where d.account_id = e.account_id and d.endpoint_id = e.endpoint_id)`,
    values: [before, limit],
  });
  return rowCount ?? 0;
}
