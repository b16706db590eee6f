import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { page } from '../page.ts';
import { pageTerms } from '../query.ts';
import { contact, contactExample } from './contacts.ts';

const wanted = z.string().max(200, 'must have 200 characters at most.');

const found = z
  .object({
    id: z.int(),
    name: z.string(),
    type: z.enum(['contact', 'list']),
    /** A contact's number (or what else reaches it); a list's address for email. */
    contact: z.string(),
    contacts_count: z.int().nullable(),
  })
  .meta({ id: 'ContactOrList' });

export const searchContactsLists = endpoint({
  id: 'searchContactsLists',
  method: 'GET',
  path: '/v3/search/contacts-lists',
  summary: 'Lists by name, and contacts by name, number, email address or organisation.',
  scope: 'contacts:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  query: z.object({ q: wanted, ...pageTerms }),
  data: page(found).meta({ id: 'ContactsAndLists' }),
  refusals: ['BAD_REQUEST'],
  example: {
    data: {
      total: 2,
      per_page: 15,
      current_page: 1,
      last_page: 1,
      next_page_url: null,
      prev_page_url: null,
      from: 1,
      to: 2,
      data: [
        { id: 1002, name: 'Regulars', type: 'list', contact: 'H3VX8D1QZ5RK7TWM', contacts_count: 64 },
        { id: 90001, name: 'Mei Okafor', type: 'contact', contact: '+61411111111', contacts_count: null },
      ],
    },
  },
});

export const contactSuggestions = endpoint({
  id: 'contactSuggestions',
  method: 'GET',
  path: '/v3/contact-suggestions',
  summary: 'A few contacts that fit what was typed so far.',
  scope: 'contacts:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  query: z.object({ q: wanted.optional(), limit: pageTerms.limit }),
  data: z.array(contact),
  refusals: ['BAD_REQUEST'],
  example: { data: [contactExample] },
});
