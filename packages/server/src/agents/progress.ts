import { endpoints, type OperationId } from '@veredus/contract/endpoints';
import type { ToolAnswer, ToolCall, ToolProgress } from '@veredus/tools/host';
import type { Handlers } from '../accounts/call.ts';
import { callLocally } from '../accounts/call-locally.ts';
import type { Actor } from './actor.ts';

export interface ProgressParts {
  handlers: Handlers;
}

type Fields = Record<string, unknown>;
type Look = (parts: ProgressParts, actor: Actor, call: ToolCall, data: Fields) => Promise<ToolProgress | null>;

/** Actions whose work goes on after their answer. */
const LOOKS: Readonly<Record<string, Look>> = {
  CLICKSEND_GET_LISTS_IMPORT: lookAtImport,
  CLICKSEND_CREATE_SMS_CAMPAIGNS_SEND: lookAtCampaign,
  CLICKSEND_UPDATE_SMS_CAMPAIGNS: lookAtCampaign,
};

/** How far the work has come that an answer of the caller's own account began; null = there is nothing to follow. */
export async function progressOf(
  parts: ProgressParts,
  actor: Actor,
  call: ToolCall,
  answer: ToolAnswer,
): Promise<ToolProgress | null> {
  const look = LOOKS[call.slug.toUpperCase()];
  const own = actor.agent?.ownAccount ?? true;
  if (!look || !answer.successful || call.connectionId !== null || !own) return null;
  return look(parts, actor, call, fieldsOf(answer.data.data));
}

async function lookAtImport(parts: ProgressParts, actor: Actor, call: ToolCall, data: Fields) {
  const params = { list_id: Number(fieldsOf(call.arguments).list_id), import_id: String(data.id ?? '') };
  const job = await read(parts, actor, 'listImportById', params);
  if (job === null) return null;
  const words = `${job.rows_added} contacts added, ${job.rows_refused} rows refused, state ${job.state}`;
  return { done: Number(job.percent), total: 100, words, finished: job.date_done !== null };
}

/** A campaign that waits for its time is not followed: that may be months. */
async function lookAtCampaign(parts: ProgressParts, actor: Actor, _call: ToolCall, data: Fields) {
  const campaign = await read(parts, actor, 'smsCampaignShow', { sms_campaign_id: Number(data.sms_campaign_id) });
  if (campaign === null || campaign._state !== 'sending') return null;
  const total = Number(campaign._total_count);
  const { sent, failed, unknown } = fieldsOf(campaign._statistics);
  const done = Number(sent) + Number(failed) + Number(unknown);
  return { done, total, words: `${done} of ${total} messages are out`, finished: done >= total };
}

async function read(
  { handlers }: ProgressParts,
  { caller, agent }: Actor,
  id: OperationId,
  params: Record<string, string | number>,
): Promise<Fields | null> {
  const endpoint = endpoints[id];
  // An agent may see what it has begun; a project sees what its key lets it.
  const scopes = agent ? [endpoint.scope ?? ''] : caller.scopes;
  const answer = await callLocally(
    handlers,
    { ...caller, scopes },
    { endpoint, operation: { params }, idempotencyKey: null },
    null,
  );
  return answer.kind === 'answer' && answer.status === 200 ? fieldsOf(answer.envelope.data) : null;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
