import { z } from 'zod';
import { action } from '../action.ts';
import { given, id, limit, page } from '../fields.ts';
import { hints } from '../hints.ts';
import { judgeCampaign } from '../judge-campaign.ts';
import { wire } from '../wire.ts';
import { campaignFields, checkShortLink } from './campaign-fields.ts';

const campaignId = (words: string) => id().describe(words);
const orNow =
  'When to send, in unix seconds, at most 4 months ahead. Default 0: it is sent as soon as the call is accepted, and so it is at a time that has passed.';

export const sendCampaign = action({
  slug: 'CLICKSEND_CREATE_SMS_CAMPAIGNS_SEND',
  title: 'Send an SMS campaign to a contact list',
  description:
    'Sends one SMS text to every contact of a list, up to 20,000 people: at once, unless schedule says when. This costs money and reaches real people. Ask CLICKSEND_CALCULATE_SMS_CAMPAIGNS_PRICE first, and give a schedule when somebody should be able to cancel it. Marketing texts must offer a way to opt out. Contacts who have opted out are left out. Answers sms_campaign_id; how it goes on is told by CLICKSEND_GET_SMS_CAMPAIGNS3. Do not repeat a call that was accepted.',
  input: z.strictObject(campaignFields(orNow)).superRefine(checkShortLink),
  hints: hints.sends,
  spends: true,
  topics: ['sms', 'campaigns', 'send', 'marketing'],
  endpoint: wire('smsCampaignSend'),
  seenIn: 'CLICKSEND_GET_SMS_CAMPAIGNS3',
  operation: (input) => ({ body: input }),
  judge: judgeCampaign,
});

export const priceCampaign = action({
  slug: 'CLICKSEND_CALCULATE_SMS_CAMPAIGNS_PRICE',
  title: 'Price an SMS campaign without sending',
  description:
    'Tells what an SMS campaign to a contact list would cost now, and sends nothing. Takes the same arguments as CLICKSEND_CREATE_SMS_CAMPAIGNS_SEND. The price depends on the number of recipients, their countries and the length of the text. Answers total_count (recipients), total_price and the text as the first contact would read it.',
  input: z
    .strictObject(campaignFields('When it would be sent, in unix seconds. Default 0: now.'))
    .superRefine(checkShortLink),
  hints: hints.reads,
  spends: false,
  topics: ['sms', 'campaigns', 'price'],
  endpoint: wire('smsCampaignPrice'),
  operation: (input) => ({ body: input }),
  judge: judgeCampaign,
});

export const updateCampaign = action({
  slug: 'CLICKSEND_UPDATE_SMS_CAMPAIGNS',
  title: 'Replace a scheduled SMS campaign (without schedule: sends it now)',
  description:
    'Replaces a scheduled SMS campaign, and SENDS IT NOW when schedule is left out or 0. To keep it for later, always give schedule again, even when the time does not change. All of it is replaced: give body, name and list_id in full, and from and url_to_shorten again where it shall keep them. Only a campaign that is still scheduled can be updated, and one that was sent by the update cannot be updated again. Read it first with CLICKSEND_GET_SMS_CAMPAIGNS3 and q "sms_campaign_id:31". Sending costs money and reaches real people.',
  input: z
    .strictObject({
      ...campaignFields(
        'When to send, in unix seconds, at most 4 months ahead. LEFT OUT, 0 OR A TIME THAT HAS PASSED, THE CAMPAIGN IS SENT NOW and cannot be updated again.',
      ),
      sms_campaign_id: campaignId('The campaign to replace: its sms_campaign_id.'),
    })
    .superRefine(checkShortLink),
  hints: hints.replacesAndSends,
  spends: true,
  topics: ['sms', 'campaigns', 'update', 'send'],
  endpoint: wire('smsCampaignUpdate'),
  seenIn: 'CLICKSEND_GET_SMS_CAMPAIGNS3',
  operation: ({ sms_campaign_id, ...body }) => ({ params: { sms_campaign_id }, body }),
  judge: judgeCampaign,
});

export const cancelCampaign = action({
  slug: 'CLICKSEND_SMS_CAMPAIGNS_CANCEL_BY_SMS_CAMPAIGN_ID_PUT',
  title: 'Cancel a scheduled SMS campaign',
  description:
    'Cancels a scheduled SMS campaign, so that nothing of it is sent. It cannot be brought back; it would have to be sent anew. A campaign that was sent already cannot be cancelled. Answers the campaign with status Cancelled.',
  input: z.strictObject({
    sms_campaign_id: campaignId(
      'The campaign to cancel: its sms_campaign_id, as its sending answered and CLICKSEND_GET_SMS_CAMPAIGNS3 lists it.',
    ),
  }),
  hints: hints.removes,
  spends: false,
  topics: ['sms', 'campaigns', 'cancel', 'schedule'],
  endpoint: wire('smsCampaignCancel'),
  seenIn: 'CLICKSEND_GET_SMS_CAMPAIGNS3',
  operation: ({ sms_campaign_id }) => ({ params: { sms_campaign_id } }),
});

export const listCampaigns = action({
  slug: 'CLICKSEND_GET_SMS_CAMPAIGNS3',
  title: 'List SMS campaigns with their statistics',
  description:
    'Lists the SMS campaigns of the account, oldest first, with their status, recipients and what became of the messages. Use it to see how a campaign does, or to find its sms_campaign_id. Narrow it down by q, and turn pages by page and limit; last_page says how many there are.',
  input: z.strictObject({
    q: z
      .string()
      .optional()
      .describe(
        'Only campaigns that match: field:value, several with commas between, as "status:Scheduled,list_id:428". Fields include name, status, list_id, sms_campaign_id, from and body.',
      ),
    page: page(),
    limit: limit(15, 100),
  }),
  hints: hints.reads,
  spends: false,
  topics: ['sms', 'campaigns', 'statistics'],
  endpoint: wire('smsCampaigns'),
  operation: (query) => ({ query: given(query) }),
});
