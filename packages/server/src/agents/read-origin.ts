import type { Endpoints } from '@veredus/contract/endpoints';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccountClient } from '../db/runner.ts';
import { parseMessageId, showMessageId } from '../messages/ids.ts';
import { Refusal } from '../refusal.ts';
import type { AgentParts } from './agent-parts.ts';
import { logId } from './log-id.ts';
import { inSeconds } from './show-agent.ts';
import { findOrigin } from './store-origin.ts';

/**
 * Which agent sent a message: by the message itself, or by the campaign it is of.
 * @throws Refusal not-found where no agent did, and in the same words for what is no message of the account.
 */
export async function readOrigin(
  { db }: Pick<AgentParts, 'db'>,
  { accountId }: Caller,
  text: string,
): Promise<Answer<Endpoints['smsOrigin']>> {
  const id = parseMessageId(text);
  const found = id && (await asAccountClient(db, accountId, (run) => findOrigin(run, accountId, id)));
  if (!found) throw noOrigin(text);
  const data = {
    message_id: showMessageId(id),
    agent_id: found.agent_id,
    agent_name: found.agent_name,
    run_id: found.run_id,
    log_id: logId(found.execution_id),
    action: found.action,
    face: found.face,
    date: found.at === null ? null : inSeconds(found.at),
    campaign_id: found.campaign_id,
  };
  return { data, words: 'Origin.' };
}

function noOrigin(text: string): Refusal {
  const words = `There is no message ${text.slice(0, 40)} in this account that an agent sent.`;
  return new Refusal('not-found', words, { fields: { message_id: words } });
}
