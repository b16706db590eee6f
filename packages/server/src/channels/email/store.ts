import { plain, texts } from '../../db/arrays.ts';
import type { Runner } from '../../db/runner.ts';

/** What a mail holds beyond its text. */
export interface MailContent {
  readonly subject: string;
}

/** In the transaction that stores the messages: a mail without its subject would be another mail. */
export async function insertContents(
  run: Runner,
  contents: readonly ({ accountId: number; messageId: string } & MailContent)[],
): Promise<void> {
  await run.query({
    name: 'insert-contents',
    text: `insert into message_contents (account_id, message_id, subject)
      select account_id, message_id, subject from unnest($1::integer[], $2::uuid[], $3::text[]) as c(account_id, message_id, subject)`,
    values: [
      plain(contents.map(({ accountId }) => accountId)),
      plain(contents.map(({ messageId }) => messageId)),
      texts(contents.map(({ subject }) => subject)),
    ],
  });
}

/** By message id; what has no content has no entry. */
export async function findContents(
  run: Runner,
  messages: readonly { id: string; accountId: number }[],
): Promise<Map<string, MailContent>> {
  const { rows } = await run.query({
    name: 'find-contents',
    text: `select c.message_id, coalesce(c.subject, '') as subject
      from unnest($1::integer[], $2::uuid[]) as wanted(account_id, message_id) join message_contents c using (account_id, message_id)`,
    values: [plain(messages.map(({ accountId }) => accountId)), plain(messages.map(({ id }) => id))],
  });
  return new Map(rows.map((row) => [row.message_id, { subject: row.subject }]));
}
