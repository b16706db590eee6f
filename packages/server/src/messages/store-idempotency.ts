import { createHash } from 'node:crypto';
import { plain } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import type { NewMessage } from './message.ts';

/** What a caller's `Idempotency-Key` stands for. */
export interface IdempotencyKey {
  route: string;
  key: string;
  /** SHA-256 of what was asked, in canonical form. */
  digest: Buffer;
}

export const digestOf = (asked: unknown): Buffer => createHash('sha256').update(JSON.stringify(asked)).digest();

/**
 * For the rest of the transaction: the time another may take to finish the first call of a key (or to give back a balance)
 * before the wait fails and the caller is told that it is in progress.
 */
export const limitKeyWait = (run: Runner) => run.query(`set local lock_timeout = '2s'`);

/**
 * Takes a key for its first call. False = it was used before. Waits for a call under way in another transaction as
 * long as `limitKeyWait` said. Must run in the transaction that stores the messages.
 */
export async function takeKey(
  run: Runner,
  accountId: number,
  key: IdempotencyKey,
  messageIds: readonly string[],
  at: number,
): Promise<boolean> {
  const { rowCount } = await run.query({
    name: 'take-key',
    text: `insert into idempotency_keys (account_id, route, key, digest, message_ids, created_at)
      values ($1, $2, $3, $4, $5::uuid[], $6) on conflict do nothing`,
    values: [accountId, key.route, key.key, key.digest, plain(messageIds), at],
  });
  return rowCount === 1;
}

/** The first call of a key: what it asked for and which messages it made. Null = never used. */
export async function findKey(
  run: Runner,
  accountId: number,
  key: Pick<IdempotencyKey, 'route' | 'key'>,
): Promise<{ digest: Buffer; messageIds: string[] } | null> {
  const { rows } = await run.query(
    'select digest, message_ids from idempotency_keys where account_id = $1 and route = $2 and key = $3',
    [accountId, key.route, key.key],
  );
  return rows[0] ? { digest: rows[0].digest, messageIds: rows[0].message_ids } : null;
}

/** Forgets keys older than `before`, at most `limit` at once. */
export async function dropOldKeys(run: Runner, before: number, limit: number): Promise<number> {
  const { rowCount } = await run.query(
    `delete from idempotency_keys where (account_id, route, key) in
       (select account_id, route, key from idempotency_keys where created_at < $1 order by created_at limit $2)`,
    [before, limit],
  );
  return rowCount ?? 0;
}

/** Messages as they were accepted, in the order of `ids`. */
export async function acceptedRows(run: Runner, accountId: number, ids: readonly string[]): Promise<NewMessage[]> {
  const { rows } = await run.query('select * from messages where account_id = $1 and id = any($2::uuid[])', [
    accountId,
    plain(ids),
  ]);
  const byId = new Map(rows.map((row) => [row.id as string, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    if (!row) return [];
    return {
      id,
      accountId: row.account_id,
      userId: row.user_id,
      channel: row.channel,
      status: row.status,
      money: row.money,
      priority: row.priority,
      createdAt: row.created_at,
      nextAttemptAt: row.next_attempt_at,
      scheduleAt: row.schedule_at,
      validUntil: row.valid_until,
      parts: row.parts,
      priceMicro: row.price_micro,
      claimToken: row.claim_token,
      recipient: row.recipient,
      sender: row.sender,
      sharedSender: row.shared_sender,
      country: row.country,
      body: row.body,
      customString: row.custom_string,
      source: row.source,
      fromEmail: row.from_email,
      listId: row.list_id,
      contactId: row.contact_id,
      campaignId: row.campaign_id,
      refusal: row.refusal,
      words: row.words,
    } satisfies NewMessage;
  });
}
