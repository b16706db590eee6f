import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { page } from '../page.ts';
import { pageTerms } from '../query.ts';
import { idNumber } from './sms-campaign.ts';

/** What a rule's action has come to. */
export const actionStates = {
  waiting: 'It is to be done, or tried again.',
  done: 'It is done; outcome says what came of it.',
  failed: 'It could not be done; outcome says why.',
  stopped: 'It was kept from being done; outcome says why.',
} as const;

export type ActionStateWord = keyof typeof actionStates;

/** How long what rules did is kept. */
export const ACTIONS_KEPT_DAYS = 90;

const action = z
  .object({
    action_id: z.string(),
    message_id: z.string().describe('The message from the handset.'),
    handset: z.string(),
    action: z.string(),
    state: z.enum(Object.keys(actionStates) as [ActionStateWord, ...ActionStateWord[]]),
    outcome: z.string().nullable().describe('In words; of one that waits, why it was not done yet.'),
    attempts: z.int(),
    date_added: z.int(),
    date_done: z.int().nullable(),
  })
  .meta({ id: 'RuleAction' });

export const inboundRuleActions = endpoint({
  id: 'inboundRuleActions',
  method: 'GET',
  path: '/v3/automations/sms/inbound/{inbound_rule_id}/actions',
  summary: `What a rule did within ${ACTIONS_KEPT_DAYS} days, newest first. POLL and NONE do nothing that is listed.`,
  scope: 'rules:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object({ inbound_rule_id: idNumber }),
  query: z.object({ ...pageTerms }),
  data: page(action).meta({ id: 'RuleActionPage' }),
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
      data: [
        {
          action_id: '019973A2-7C20-7A11-8E4D-0B7F51D2C48E',
          message_id: '019973A2-4E10-7C31-9F0B-6A51D2C48E77',
          handset: '+61411111111',
          action: 'AUTO_REPLY',
          state: 'done',
          outcome: 'Answered.',
          attempts: 1,
          date_added: 1790003600,
          date_done: 1790003600,
        },
      ],
    },
  },
});
