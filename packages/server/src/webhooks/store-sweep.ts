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
