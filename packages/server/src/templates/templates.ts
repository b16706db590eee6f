import type { Body, Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { smsTemplateSearch } from '@veredus/contract/endpoints/sms-templates';
import { makePage } from '@veredus/contract/page';
import type { Clock } from '@veredus/protocols/clock';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccount, type Database } from '../db/db.ts';
import { storable } from '../db/storable.ts';
import { listUrl } from '../list-url.ts';
import { Refusal } from '../refusal.ts';
import { deleteTemplate, findTemplate, findTemplates, insertTemplate, type Template, updateTemplate } from './store.ts';

export interface TemplateParts {
  db: Database;
  clock: Clock;
  /** Where callers reach this server, without a slash at its end; known once it listens. */
  publicUrl: () => string;
  /** The channel whose templates these are, by its stored number. */
  channel: number;
}

const shelfOf = ({ channel }: TemplateParts, { accountId }: Caller) => ({ accountId, channel });

/** A page of the account's templates, in the order they were made unless told otherwise. */
export async function listTemplates(
  parts: TemplateParts,
  caller: Caller,
  query: Query<Endpoints['smsTemplates']>,
): Promise<Answer<Endpoints['smsTemplates']>> {
  const { page, limit } = query;
  const slice = { skip: (page - 1) * limit, count: limit };
  const { total, rows } = await asAccount(parts.db, caller.accountId, (tx) =>
    findTemplates(tx, shelfOf(parts, caller), query, slice),
  );
  const url = listUrl(parts.publicUrl(), '/v3/sms/templates', query, smsTemplateSearch.order);
  return { data: makePage({ total, page, limit, rows, url }), words: 'Templates.' };
}

export async function createTemplate(
  parts: TemplateParts,
  caller: Caller,
  body: Body<Endpoints['smsTemplateCreate']>,
): Promise<Answer<Endpoints['smsTemplateCreate']>> {
  const template = { name: storable(body.template_name), body: storable(body.body), at: parts.clock.now() };
  const data = await asAccount(parts.db, caller.accountId, (tx) =>
    insertTemplate(tx, shelfOf(parts, caller), template),
  );
  return { data, words: 'Template made.' };
}

/** @throws Refusal not-found for one that is not the account's. */
export async function readTemplate(parts: TemplateParts, caller: Caller, templateId: number): Promise<Template> {
  const found = await asAccount(parts.db, caller.accountId, (tx) =>
    findTemplate(tx, shelfOf(parts, caller), templateId),
  );
  return found ?? notThere(templateId);
}

/** @throws Refusal bad-request where nothing is to be changed, not-found for one that is not the account's. */
export async function changeTemplate(
  parts: TemplateParts,
  caller: Caller,
  templateId: number,
  body: Body<Endpoints['smsTemplateUpdate']>,
): Promise<Answer<Endpoints['smsTemplateUpdate']>> {
  const { template_name: name = null, body: text = null } = body;
  if (name === null && text === null) {
    throw new Refusal('bad-request', 'Nothing to change: give template_name, body, or both.', {
      fields: { template_name: 'template_name or body is required.' },
    });
  }
  const change = {
    name: name === null ? null : storable(name),
    body: text === null ? null : storable(text),
    at: parts.clock.now(),
  };
  const data = await asAccount(parts.db, caller.accountId, (tx) =>
    updateTemplate(tx, shelfOf(parts, caller), templateId, change),
  );
  return { data: data ?? notThere(templateId), words: 'Template changed.' };
}

/** @throws Refusal not-found for one that is not the account's, or is deleted already. */
export async function removeTemplate(
  parts: TemplateParts,
  caller: Caller,
  templateId: number,
): Promise<Answer<Endpoints['smsTemplateDelete']>> {
  const gone = await asAccount(parts.db, caller.accountId, (tx) =>
    deleteTemplate(tx, shelfOf(parts, caller), templateId),
  );
  if (!gone) notThere(templateId);
  return { data: [], words: 'Template deleted.' };
}

function notThere(templateId: number): never {
  const words = `There is no template ${templateId} in this account.`;
  throw new Refusal('not-found', words, { fields: { template_id: words } });
}
