import { plain } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';

/** An event somebody must look at. */
export interface Alert {
  event_id: number;
  account_id: number;
  facts: { subject?: unknown; text?: unknown };
}

/** The oldest alerts nobody was mailed of, but not `but`. */
export async function dueAlerts(run: Runner, but: readonly number[], limit: number): Promise<Alert[]> {
  const { rows } = await run.query<Alert>({
    name: 'due-alerts',
    text: `select event_id, account_id, coalesce(facts, '{}') as facts from events
      where alert_due and event_id <> all($1::bigint[]) order by event_id limit $2`,
    values: [plain(but), limit],
  });
  return rows;
}

/** False = another has done it. */
export async function clearAlert(run: Runner, eventId: number): Promise<boolean> {
  const { rowCount } = await run.query({
    name: 'clear-alert',
    text: 'update events set alert_due = false where event_id = $1 and alert_due',
    values: [eventId],
  });
  return rowCount === 1;
}
