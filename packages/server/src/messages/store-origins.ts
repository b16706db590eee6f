import type { Origin } from '@veredus/tools/target';
import { plain } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';

/** Notes which execution of an action made these messages; its agent and run stand there as well. */
export async function insertOrigins(
  run: Runner,
  messages: readonly { accountId: number; id: string }[],
  { executionId, agentId, runId }: Origin,
): Promise<void> {
  if (messages.length === 0) return;
  await run.query({
    name: 'insert-message-origins',
    text: `insert into message_origins (account_id, message_id, execution_id, agent_id, run_id)
      select account_id, id, $3::uuid, $4::integer, $5::text from unnest($1::integer[], $2::uuid[]) as m(account_id, id)`,
    values: [
      plain(messages.map((one) => one.accountId)),
      plain(messages.map((one) => one.id)),
      executionId,
      agentId,
      runId,
    ],
  });
}
