import { z } from 'zod';
import { csvName } from '../csv-name.ts';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { linkedPage } from '../linked-page.ts';
import { pageTerms } from '../query.ts';
import { idNumber } from './sms-campaign.ts';

/** Flags are numbers here, as everywhere on this part of the wire. */
const flag = z.union([z.literal(0), z.literal(1)]);

const list = z
  .object({
    list_id: z.int(),
    list_name: z.string(),
    list_email_id: z.string(),
    _contacts_count: z.int().min(0),
    _import_in_progress: flag,
    _optout_in_progress: flag,
  })
  .meta({ id: 'ContactList' });

/** Characters as people count them; longer names are cut, as ClickSend does. */
export const LIST_NAME_LIMIT = 50;
export const LISTS_PER_ACCOUNT = 2_000;

const listInput = z
  .object({
    list_name: z
      .string('must be text.')
      .refine((name) => name.trim() !== '', 'must not be empty.')
      .describe(`Longer names are cut at ${LIST_NAME_LIMIT} characters. Two lists may have the same.`),
  })
  .meta({ id: 'ContactListInput' });

export const listParams = z.object({ list_id: idNumber });

/** [] rather than {}, which the strict clients refuse. */
export const nothing = z.array(z.unknown()).max(0);

const example = {
  list_id: 1002,
  list_name: 'Regulars',
  list_email_id: 'H3VX8D1QZ5RK7TWM',
  _contacts_count: 64,
  _import_in_progress: 0,
  _optout_in_progress: 0,
} as const;

export const lists = endpoint({
  id: 'lists',
  method: 'GET',
  path: '/v3/lists',
  summary: 'Contact lists of the account.',
  scope: 'contacts:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  query: z.object(pageTerms),
  data: linkedPage(list).meta({ id: 'ContactListPage' }),
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
      first_page_url: 'https://msg.example.test/v3/lists?page=1',
      last_page_url: 'https://msg.example.test/v3/lists?page=1',
      path: 'https://msg.example.test/v3/lists',
      links: [
        { url: null, label: 'Previous', page: null, active: false },
        { url: 'https://msg.example.test/v3/lists?page=1', label: '1', page: 1, active: true },
        { url: null, label: 'Next', page: null, active: false },
      ],
      data: [example],
    },
  },
});

export const listCreate = endpoint({
  id: 'listCreate',
  method: 'POST',
  path: '/v3/lists',
  summary: 'Make a contact list.',
  scope: 'contacts:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  body: listInput,
  data: list,
  refusals: ['BAD_REQUEST'],
  example: { body: { list_name: 'Regulars' }, data: { ...example, _contacts_count: 0 } },
});

export const listById = endpoint({
  id: 'listById',
  method: 'GET',
  path: '/v3/lists/{list_id}',
  summary: 'One contact list.',
  scope: 'contacts:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: listParams,
  data: list,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { data: example },
});

export const listUpdate = endpoint({
  id: 'listUpdate',
  method: 'PUT',
  path: '/v3/lists/{list_id}',
  summary: 'Rename a contact list.',
  scope: 'contacts:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: listParams,
  body: listInput,
  data: list,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { body: { list_name: 'Regulars' }, data: example },
});

export const listDelete = endpoint({
  id: 'listDelete',
  method: 'DELETE',
  path: '/v3/lists/{list_id}',
  summary: 'Delete a contact list with its contacts, for good.',
  scope: 'contacts:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: listParams,
  data: nothing,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { data: [] },
});

export const listExport = endpoint({
  id: 'listExport',
  method: 'GET',
  path: '/v3/lists/{list_id}/export',
  summary: 'The contacts of a list as a CSV file that can be imported as it is; answers where to fetch it.',
  scope: 'contacts:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: listParams,
  query: z.object({ filename: csvName }),
  data: z.object({ url: z.string() }).meta({ id: 'ContactListExport' }),
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: {
    data: { url: 'https://msg.example.test/files/C41D0E52-9A7B-4F03-8E66-1B5F20D7A9C8?filename=regulars.csv' },
  },
});

export const listImportFields = endpoint({
  id: 'listImportFields',
  method: 'GET',
  path: '/v3/lists/{list_id}/import-fields',
  summary: 'The fields that columns of an imported file can fill.',
  scope: 'contacts:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: listParams,
  data: z.array(z.object({ field: z.string(), label: z.string() }).meta({ id: 'ImportField' })),
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { data: [{ field: 'phone', label: 'Phone number' }] },
});
