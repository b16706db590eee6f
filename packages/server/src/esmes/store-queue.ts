import { plain, texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import { KEPT_FOR_MS, type NewDelivery } from './delivery.ts';

/** Queues texts and receipts for ESMEs, due at once. One statement. */
export async function insertDeliveries(run: Runner, rows: readonly NewDelivery[]): Promise<void> {
  if (rows.length === 0) return;
  await run.query({
    name: 'insert-esme-deliveries',
    text: `insert into esme_deliveries (id, account_id, system_id, kind, subject_id, source, destination, body, facts,
        created_at, expires_at, next_attempt_at)
      select id, account_id, system_id, kind, subject_id, source, destination, body, facts, at, at + $11, at
      from unnest($1::uuid[], $2::integer[], $3::text[], $4::smallint[], $5::uuid[], $6::text[], $7::text[], $8::text[],
        $9::jsonb[], $10::bigint[])
        as d(id, account_id, system_id, kind, subject_id, source, destination, body, facts, at)`,
    values: [
      plain(rows.map((row) => row.id)),
      plain(rows.map((row) => row.accountId)),
      texts(rows.map((row) => row.systemId)),
      plain(rows.map((row) => row.kind)),
      plain(rows.map((row) => row.subjectId)),
      texts(rows.map((row) => row.source)),
      texts(rows.map((row) => row.destination)),
      texts(rows.map((row) => row.body)),
      texts(rows.map((row) => JSON.stringify(row.facts))),
      plain(rows.map((row) => row.createdAt)),
      KEPT_FOR_MS,
    ],
  });
}

export async function esmeExists(run: Runner, accountId: number, systemId: string): Promise<boolean> {
  const { rows } = await run.query({
    name: 'esme-exists',
    text: 'select 1 from esmes where system_id = $2 and account_id = $1',
    values: [accountId, systemId],
  });
  return rows.length > 0;
}

/** What an ESME submitted for a message, where it asked for a receipt. */
export interface AskedReceipt {
  /** Which of the moved messages, from 0. */
  position: number;
  submitId: string;
  systemId: string;
  source: string;
  destination: string;
  submittedAt: number;
  registered: number;
}

/** The submits behind these messages that asked for any receipt, in the order of the messages. */
export async function findAskedReceipts(
  run: Runner,
  moved: readonly { accountId: number; messageId: string }[],
): Promise<AskedReceipt[]> {
  const { rows } = await run.query<{
    position: number;
    id: string;
    system_id: string;
    source: string;
    destination: string;
    at: number;
    registered: number;
  }>({
    name: 'find-asked-receipts',
    text: `select m.position::integer as position, s.id, s.system_id, s.source, s.destination, s.at, s.registered
      from unnest($1::integer[], $2::uuid[]) with ordinality as m(account_id, message_id, position)
      join esme_submits s on s.message_id = m.message_id and s.account_id = m.account_id
      where s.registered <> 0
      order by m.position, s.part_number, s.id`,
    values: [plain(moved.map((one) => one.accountId)), plain(moved.map((one) => one.messageId))],
  });
  return rows.map((row) => ({
    position: row.position - 1,
    submitId: row.id,
    systemId: row.system_id,
    source: row.source,
    destination: row.destination,
    submittedAt: row.at,
    registered: row.registered,
  }));
}
