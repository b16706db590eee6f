import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { page } from '../page.ts';
import { dateTerms, pageTerms } from '../query.ts';
import { type Searchable, searchTerms } from '../search.ts';

/** A call of our own: who changed what of agents, their keys and their connections. */

const auditEvent = z
  .object({
    event_id: z.int(),
    date: z.int().describe('Unix seconds.'),
    actor: z
      .string()
      .describe('Who did it: user:…, key:…, agent:…, operator (the command line) or veredus (by itself).'),
    action: z.string(),
    facts: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEvent' });

export type AuditField = 'action' | 'actor' | 'date';

export const auditSearch: Searchable<AuditField> = {
  fields: ['action', 'actor', 'date'],
  phones: [],
  synonyms: { timestamp: 'date' },
  order: { field: 'date', direction: 'desc' },
};

const { q, operator } = searchTerms(auditSearch);

export const auditLog = endpoint({
  id: 'auditLog',
  method: 'GET',
  path: '/v3/audit',
  summary: 'Who changed what of agents, keys and connections, the newest first: the latest 10,000 that fit the search.',
  scope: 'agents:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  query: z.object({ q, operator, ...dateTerms, ...pageTerms }),
  data: page(auditEvent).meta({ id: 'AuditEventPage' }),
  refusals: ['BAD_REQUEST'],
  example: {
    data: {
      ...{ total: 1, per_page: 15, current_page: 1, last_page: 1, next_page_url: null, prev_page_url: null },
      ...{ from: 1, to: 1 },
      data: [
        {
          event_id: 7,
          date: 1790000000,
          actor: 'user:ana',
          action: 'agent.created',
          facts: { agent_id: 101, name: 'Support', key_id: 12 },
        },
      ],
    },
  },
});
