import { plain } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';

/** Notes that so many pushes led to these messages: what is pushed because of them goes one deeper. 0 is not noted. */
export async function insertDepths(
  run: Runner,
  messages: readonly { accountId: number; id: string }[],
  depth: number,
): Promise<void> {
  if (depth === 0 || messages.length === 0) return;
  await run.query({
    name: 'insert-message-depths',
    text: `insert into message_depths (account_id, message_id, depth)
      select account_id, id, $3::smallint from unnest($1::integer[], $2::uuid[]) as m(account_id, id)`,
    values: [plain(messages.map((one) => one.accountId)), plain(messages.map((one) => one.id)), depth],
  });
}
