import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { page } from '../page.ts';
import { dateTerms, pageTerms } from '../query.ts';
import { type Searchable, searchTerms } from '../search.ts';
import { australianDollars, currency } from './currency.ts';
import { campaignInput, exampleCampaign, idNumber, smsCampaign } from './sms-campaign.ts';

/** 10,000 characters of six bytes each when escaped, and 300 senders. */
const CAMPAIGN_BODY = 256 * 1024;

const params = z.object({ sms_campaign_id: idNumber });
const input = {
  list_id: 1001,
  name: 'Autumn bread',
  body: 'Hi (First Name), rye bread is back. StopMsg.me/xxxxx',
  from: 'Bakehouse',
};

export const campaignFields = [
  'sms_campaign_id',
  'name',
  'user_id',
  'subaccount_id',
  'list_id',
  'from',
  'body',
  'schedule',
  'status',
  'date_added',
  'custom_string',
  'url_to_shorten',
  'unsubscribe_link',
  'source',
] as const;

export type CampaignField = (typeof campaignFields)[number];

export const campaignSearch: Searchable<CampaignField> = {
  fields: campaignFields,
  phones: ['from'],
  synonyms: { date: 'date_added', campaign_id: 'sms_campaign_id' },
  order: { field: 'date_added', direction: 'asc' },
};

export const smsCampaignSend = endpoint({
  id: 'smsCampaignSend',
  method: 'POST',
  path: '/v3/sms-campaigns/send',
  summary: 'Write to every contact of a list, now or at a time.',
  scope: 'campaigns:send',
  auth: 'basic',
  bodyLimit: CAMPAIGN_BODY,
  idempotent: true,
  body: campaignInput,
  data: smsCampaign,
  refusals: ['BAD_REQUEST', 'TOO_MANY_RECIPIENTS', 'INSUFFICIENT_CREDIT', 'NOT_FOUND', 'CONFLICT', 'UNPROCESSABLE'],
  example: { body: { ...input, schedule: 1790003600 }, data: exampleCampaign },
});

export const smsCampaignPrice = endpoint({
  id: 'smsCampaignPrice',
  method: 'POST',
  path: '/v3/sms-campaigns/price',
  summary: 'What the same campaign would cost now. Nothing is sent or reserved.',
  scope: 'campaigns:read',
  auth: 'basic',
  bodyLimit: CAMPAIGN_BODY,
  body: campaignInput,
  data: z
    .object({
      total_count: z.int(),
      /** Text here, a number in a price of single messages. */
      total_price: z.string(),
      data: z.object({ from: z.string(), body: z.string(), schedule: z.int() }),
      _excluded: z.record(z.string(), z.int()),
      _warnings: z.array(z.string()),
      _currency: currency,
    })
    .meta({ id: 'SmsCampaignPrice' }),
  refusals: ['BAD_REQUEST', 'TOO_MANY_RECIPIENTS', 'NOT_FOUND'],
  example: {
    body: input,
    data: {
      total_count: 120,
      total_price: '7.7280',
      data: {
        from: 'Bakehouse',
        body: 'Hi Ana, rye bread is back. msg.example.test/s/Xk3m9QwZ',
        schedule: 1790000000,
      },
      _excluded: { opted_out: 2 },
      _warnings: [],
      _currency: australianDollars,
    },
  },
});

export const smsCampaigns = endpoint({
  id: 'smsCampaigns',
  method: 'GET',
  path: '/v3/sms-campaigns',
  summary: 'Campaigns, with what became of them.',
  scope: 'campaigns:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  query: z.object({ ...searchTerms(campaignSearch), ...dateTerms, ...pageTerms }),
  data: page(smsCampaign).meta({ id: 'SmsCampaignPage' }),
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
      data: [exampleCampaign],
    },
  },
});

const one = { auth: 'basic', bodyLimit: SMALL_BODY, params, data: smsCampaign } as const;

export const smsCampaignShow = endpoint({
  ...one,
  id: 'smsCampaignShow',
  method: 'GET',
  path: '/v3/sms-campaigns/{sms_campaign_id}',
  summary: 'One campaign.',
  scope: 'campaigns:read',
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { data: exampleCampaign },
});

export const smsCampaignUpdate = endpoint({
  ...one,
  id: 'smsCampaignUpdate',
  method: 'PUT',
  path: '/v3/sms-campaigns/{sms_campaign_id}',
  summary: 'Replace a scheduled campaign. Without schedule, or with 0, it is sent now.',
  scope: 'campaigns:send',
  bodyLimit: CAMPAIGN_BODY,
  body: campaignInput,
  refusals: ['BAD_REQUEST', 'TOO_MANY_RECIPIENTS', 'INSUFFICIENT_CREDIT', 'NOT_FOUND', 'CONFLICT'],
  example: { body: { ...input, schedule: 1790003600 }, data: exampleCampaign },
});

export const smsCampaignCancel = endpoint({
  ...one,
  id: 'smsCampaignCancel',
  method: 'PUT',
  path: '/v3/sms-campaigns/{sms_campaign_id}/cancel',
  summary: 'Cancel a scheduled campaign, or what has not left of a paused one.',
  scope: 'campaigns:write',
  refusals: ['BAD_REQUEST', 'NOT_FOUND', 'CONFLICT'],
  example: { data: { ...exampleCampaign, status: 'Cancelled', _state: 'cancelled' } },
});

export const smsCampaignPause = endpoint({
  ...one,
  id: 'smsCampaignPause',
  method: 'PUT',
  path: '/v3/sms-campaigns/{sms_campaign_id}/pause',
  summary: 'Stop a campaign at the very recipient it is at.',
  scope: 'campaigns:write',
  refusals: ['BAD_REQUEST', 'NOT_FOUND', 'CONFLICT'],
  example: { data: { ...exampleCampaign, status: 'WaitApproval', _state: 'paused' } },
});

export const smsCampaignResume = endpoint({
  ...one,
  id: 'smsCampaignResume',
  method: 'PUT',
  path: '/v3/sms-campaigns/{sms_campaign_id}/resume',
  summary: 'Go on with a campaign that was paused, or held because its time was missed.',
  scope: 'campaigns:send',
  refusals: ['BAD_REQUEST', 'TOO_MANY_RECIPIENTS', 'INSUFFICIENT_CREDIT', 'NOT_FOUND', 'CONFLICT'],
  example: { data: { ...exampleCampaign, status: 'Sending', _state: 'sending' } },
});

const recipientRow = z
  .object({
    position: z.int(),
    contact_id: z.int(),
    to: z.string(),
    body: z.string(),
    /** Null while it has not been made into a message. */
    message_id: z.string().nullable(),
    message_parts: z.int(),
    message_price: z.string(),
    status: z.string(),
    status_code: z.string().nullable(),
    status_text: z.string().nullable(),
    error_text: z.string().nullable(),
  })
  .meta({ id: 'SmsCampaignRecipient' });

export const smsCampaignRecipients = endpoint({
  id: 'smsCampaignRecipients',
  method: 'GET',
  path: '/v3/sms-campaigns/{sms_campaign_id}/recipients',
  summary: 'Each recipient of a launched campaign with the state of his message.',
  scope: 'campaigns:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params,
  query: z.object(pageTerms),
  data: page(recipientRow).meta({ id: 'SmsCampaignRecipientPage' }),
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
          position: 1,
          contact_id: 90001,
          to: '+61411111111',
          body: 'Hi Ana, rye bread is back. msg.example.test/s/Xk3m9QwZ',
          message_id: '019973A2-4E10-7C31-9F0B-6A51D2C48E77',
          message_parts: 1,
          message_price: '0.0644',
          status: 'Sent',
          status_code: '201',
          status_text: 'Received on handset',
          error_text: null,
        },
      ],
    },
  },
});
