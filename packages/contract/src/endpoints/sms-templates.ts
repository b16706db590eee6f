import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { page } from '../page.ts';
import { pageTerms } from '../query.ts';
import { type Searchable, searchTerms } from '../search.ts';
import { idNumber } from './sms-campaign.ts';

const template = z
  .object({ template_id: z.int(), template_name: z.string(), body: z.string() })
  .meta({ id: 'SmsTemplate' });

export type SmsTemplateField = keyof z.output<typeof template>;

export const smsTemplateSearch: Searchable<SmsTemplateField> = {
  fields: Object.keys(template.shape) as SmsTemplateField[],
  phones: [],
  synonyms: {},
  order: { field: 'template_id', direction: 'asc' },
};

/** Text that says something, kept exactly as it was written. */
const text = (most: number) =>
  z
    .string({ error: ({ input }) => (input === undefined ? 'is required.' : 'must be text.') })
    .max(most, `must have ${most} characters at most.`)
    .refine((value) => value.trim() !== '', 'must not be empty.');

/** More than any part limit lets out, since placeholders may be longer than what they become. */
export const TEMPLATE_BODY_LIMIT = 10_000;
const name = text(255);
const body = text(TEMPLATE_BODY_LIMIT).describe('May name fields of contacts: (First Name), {CustomString1|there}.');

/** The longest body, each character escaped in JSON. */
export const TEMPLATE_CALL_LIMIT = 128 * 1024;

const example = { template_id: 8, template_name: 'Pick-up', body: 'Hello (First Name|there), your bread is baked.' };

export const smsTemplates = endpoint({
  id: 'smsTemplates',
  method: 'GET',
  path: '/v3/sms/templates',
  summary: 'SMS templates of the account.',
  scope: 'sms:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  query: z.object({ ...searchTerms(smsTemplateSearch), ...pageTerms }),
  data: page(template).meta({ id: 'SmsTemplatePage' }),
  refusals: ['BAD_REQUEST'],
  example: {
    data: {
      total: 1,
      per_page: 15,
      current_page: 1,
      last_page: 1,
      next_page_url: null,
      prev_page_url: null,
      from: 1,
      to: 1,
      data: [example],
    },
  },
});

export const smsTemplateCreate = endpoint({
  id: 'smsTemplateCreate',
  method: 'POST',
  path: '/v3/sms/templates',
  summary: 'Make an SMS template.',
  scope: 'sms:write',
  auth: 'basic',
  bodyLimit: TEMPLATE_CALL_LIMIT,
  body: z.object({ template_name: name, body }).meta({ id: 'SmsTemplateInput' }),
  data: template,
  refusals: ['BAD_REQUEST'],
  example: { body: { template_name: example.template_name, body: example.body }, data: example },
});

export const smsTemplate = endpoint({
  id: 'smsTemplate',
  method: 'GET',
  path: '/v3/sms/templates/{template_id}',
  summary: 'One SMS template.',
  scope: 'sms:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object({ template_id: idNumber }),
  data: template,
  refusals: ['NOT_FOUND'],
  example: { data: example },
});

export const smsTemplateUpdate = endpoint({
  id: 'smsTemplateUpdate',
  method: 'PUT',
  path: '/v3/sms/templates/{template_id}',
  summary: 'Change an SMS template; what is left out stays as it is.',
  scope: 'sms:write',
  auth: 'basic',
  bodyLimit: TEMPLATE_CALL_LIMIT,
  params: z.object({ template_id: idNumber }),
  body: z.object({ template_name: name.nullish(), body: body.nullish() }).meta({ id: 'SmsTemplateChange' }),
  data: template,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { body: { body: example.body }, data: example },
});

export const smsTemplateDelete = endpoint({
  id: 'smsTemplateDelete',
  method: 'DELETE',
  path: '/v3/sms/templates/{template_id}',
  summary: 'Delete an SMS template.',
  scope: 'sms:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object({ template_id: idNumber }),
  /** An empty array, where cancelling answers null: the strict clients tell the two apart. */
  data: z.array(z.unknown()).max(0),
  refusals: ['NOT_FOUND'],
  example: { data: [] },
});
