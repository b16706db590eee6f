import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { accepting } from '../lenient.ts';
import { page } from '../page.ts';
import { pageTerms, unixSeconds } from '../query.ts';
import { listParams, nothing } from './lists.ts';
import { idNumber } from './sms-campaign.ts';

const shown = z.string().nullable();

export const contact = z
  .object({
    contact_id: z.int(),
    list_id: z.int(),
    phone_number: shown,
    first_name: shown,
    last_name: shown,
    custom_1: shown,
    custom_2: shown,
    custom_3: shown,
    custom_4: shown,
    date_added: z.int(),
    date_updated: z.int(),
    fax_number: shown,
    organization_name: shown,
    email: shown,
    address_line_1: shown,
    address_line_2: shown,
    address_city: shown,
    address_state: shown,
    address_postal_code: shown,
    address_country: shown,
    _list_name: z.string(),
  })
  .meta({ id: 'Contact' });

/** Spreadsheets and PHP write numbers where text is meant. */
const text = z
  .union([z.string(), z.number()], 'must be text.')
  .nullish()
  .meta({ type: ['string', 'null'] });

const contactInput = z
  .object({
    phone_number: text.describe('E.164, or as it is dialled in the account’s country.'),
    phone: text.describe('The same as phone_number.'),
    first_name: text,
    last_name: text,
    email: text,
    fax_number: text,
    organization_name: text,
    address_line_1: text,
    address_line_2: text,
    address_city: text,
    address_state: text,
    address_postal_code: text,
    address_country: text.describe('ISO alpha-2.'),
    custom_1: text,
    custom_2: text,
    custom_3: text,
    custom_4: text,
    custom1: text.describe('The same as custom_1; so are the next three.'),
    custom2: text,
    custom3: text,
    custom4: text,
  })
  .meta({ id: 'ContactInput' });

/** Every field at its longest, each character escaped in JSON. */
const CONTACT_BODY = 128 * 1024;

const contactParams = listParams.extend({ contact_id: idNumber });
const towards = contactParams.extend({ to_list_id: idNumber });

const example = {
  contact_id: 90001,
  list_id: 1002,
  phone_number: '+61411111111',
  first_name: 'Mei',
  last_name: 'Okafor',
  custom_1: 'sourdough',
  custom_2: null,
  custom_3: null,
  custom_4: null,
  date_added: 1790000000,
  date_updated: 1790000600,
  fax_number: null,
  organization_name: null,
  email: 'mei@example.test',
  address_line_1: null,
  address_line_2: null,
  address_city: null,
  address_state: null,
  address_postal_code: null,
  address_country: 'AU',
  _list_name: 'Regulars',
} as const;

/** Where a page begins: behind a contact, or behind a change (its milliseconds, and the contact) where those are listed. */
const place = z.string().regex(/^\d{1,10}$|^\d{1,15}-\d{1,10}$/, 'must come from next_page_url or prev_page_url.');

export const contacts = endpoint({
  id: 'contacts',
  method: 'GET',
  path: '/v3/lists/{list_id}/contacts',
  summary: 'Contacts of a list; with updated_after those changed since, in the order of their changes.',
  scope: 'contacts:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: listParams,
  query: z.object({
    ...pageTerms,
    updated_after: unixSeconds.optional().describe('Unix seconds.'),
    after: place.optional().describe('Part of next_page_url, which costs the same on every page.'),
    before: place.optional().describe('Part of prev_page_url.'),
  }),
  data: page(contact).meta({ id: 'ContactPage' }),
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
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

export const contactCreate = endpoint({
  id: 'contactCreate',
  method: 'POST',
  path: '/v3/lists/{list_id}/contacts',
  summary: 'Add a contact to a list. Needs a phone number, an email address or a fax number.',
  scope: 'contacts:write',
  auth: 'basic',
  bodyLimit: CONTACT_BODY,
  params: listParams,
  body: contactInput,
  data: contact,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: {
    body: { phone_number: '+61411111111', first_name: 'Mei', last_name: 'Okafor', custom_1: 'sourdough' },
    data: example,
  },
});

export const contactById = endpoint({
  id: 'contactById',
  method: 'GET',
  path: '/v3/lists/{list_id}/contacts/{contact_id}',
  summary: 'One contact.',
  scope: 'contacts:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: contactParams,
  data: contact,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { data: example },
});

export const contactUpdate = endpoint({
  id: 'contactUpdate',
  method: 'PUT',
  path: '/v3/lists/{list_id}/contacts/{contact_id}',
  summary: 'Change a contact: only the keys that are sent; null or empty text clears.',
  scope: 'contacts:write',
  auth: 'basic',
  bodyLimit: CONTACT_BODY,
  params: contactParams,
  body: contactInput,
  data: contact,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { body: { custom_1: 'rye' }, data: { ...example, custom_1: 'rye' } },
});

export const contactDelete = endpoint({
  id: 'contactDelete',
  method: 'DELETE',
  path: '/v3/lists/{list_id}/contacts/{contact_id}',
  summary: 'Delete a contact from a list, for good.',
  scope: 'contacts:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: contactParams,
  data: nothing,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { data: [] },
});

export const contactCopy = endpoint({
  id: 'contactCopy',
  method: 'PUT',
  path: '/v3/lists/{list_id}/contacts/{contact_id}/copy/{to_list_id}',
  summary: 'Copy a contact into another list.',
  scope: 'contacts:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: towards,
  data: contact,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { data: { ...example, contact_id: 90002, list_id: 1003, _list_name: 'Rye' } },
});

const transfer = {
  method: 'PUT',
  scope: 'contacts:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: towards,
  data: contact,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { data: { ...example, list_id: 1003, _list_name: 'Rye' } },
} as const;

export const contactTransfer = endpoint({
  ...transfer,
  id: 'contactTransfer',
  path: '/v3/lists/{list_id}/contacts/{contact_id}/transfer/{to_list_id}',
  summary: 'Move a contact to another list.',
});

export const contactTransferOld = endpoint({
  ...transfer,
  id: 'contactTransferOld',
  path: '/v3/lists/{list_id}/contacts/{contact_id}/{to_list_id}',
  summary: 'Move a contact to another list; the older path.',
});

/** An object with the names as its keys, an array of names, or names with commas between: all become names. */
const names = accepting(
  (raw) => {
    if (typeof raw === 'string') return raw.split(',');
    return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? Object.keys(raw) : raw;
  },
  z.array(z.string('must be the name of a field.')).min(1, 'must name at least one field.').max(32),
);

const deleted = z.object({ deleted: z.int().min(0) }).meta({ id: 'ContactsDeleted' });

export const listRemoveDuplicates = endpoint({
  id: 'listRemoveDuplicates',
  method: 'PUT',
  path: '/v3/lists/{list_id}/remove-duplicates',
  summary: 'Of contacts that are alike in all these fields, keep the oldest.',
  scope: 'contacts:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: listParams,
  body: z.object({ fields: names }).meta({ id: 'RemoveDuplicatesInput' }),
  data: deleted,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { body: { fields: ['phone_number'] }, data: { deleted: 3 } },
});

export const listRemoveOptedOut = endpoint({
  id: 'listRemoveOptedOut',
  method: 'PUT',
  path: '/v3/lists/{list_id}/remove-opted-out-contacts/{opt_out_list_id}',
  summary: 'Remove the contacts whose number or email address is on an opt-out list.',
  scope: 'contacts:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: listParams.extend({ opt_out_list_id: idNumber }),
  data: deleted,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { data: { deleted: 3 } },
});

export const contactExample = example;
