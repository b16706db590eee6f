import { plain, texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import type { NewEvent } from './record.ts';

/** Records what happened, a chunk in one statement, in the transaction it happens in. */
export async function insertEvents(run: Runner, events: readonly NewEvent[]): Promise<void> {
  await run.query({
    name: 'insert-events',
    text: `insert into events (account_id, at, kind, facts, alert_due)
      select * from unnest($1::integer[], $2::bigint[], $3::text[], $4::jsonb[], $5::boolean[])`,
    values: [
      plain(events.map(({ accountId }) => accountId)),
      plain(events.map(({ at }) => at)),
      texts(events.map(({ kind }) => kind)),
      texts(events.map(({ facts }) => JSON.stringify(facts))),
      plain(events.map(({ alert }) => alert ?? false)),
    ],
  });
}
