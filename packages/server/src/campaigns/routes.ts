import type { Handlers } from '../accounts/call.ts';
import { cancelCampaign, pauseCampaign, resumeCampaign, updateCampaign } from './change.ts';
import { listCampaigns, type ReadParts, showCampaign } from './list.ts';
import { priceCampaign } from './price.ts';
import { listRecipients } from './recipients.ts';
import { type CampaignParts, sendCampaign } from './send.ts';

type Calls =
  | 'smsCampaignSend'
  | 'smsCampaignPrice'
  | 'smsCampaigns'
  | 'smsCampaignShow'
  | 'smsCampaignUpdate'
  | 'smsCampaignCancel'
  | 'smsCampaignPause'
  | 'smsCampaignResume'
  | 'smsCampaignRecipients';

export function campaignRoutes(parts: CampaignParts & ReadParts): Pick<Handlers, Calls> {
  return {
    smsCampaignSend: ({ caller, body, idempotencyKey, origin }) =>
      sendCampaign(parts, caller, { input: body, key: idempotencyKey, origin }),
    smsCampaignPrice: ({ caller, body }) => priceCampaign(parts, caller, body),
    smsCampaigns: ({ caller, query }) => listCampaigns(parts, caller, query),
    smsCampaignShow: ({ caller, params }) => showCampaign(parts, caller, params.sms_campaign_id),
    smsCampaignUpdate: ({ caller, params, body, origin }) =>
      updateCampaign(parts, caller, { campaignId: params.sms_campaign_id, input: body, origin }),
    smsCampaignCancel: ({ caller, params }) => cancelCampaign(parts, caller, params.sms_campaign_id),
    smsCampaignPause: ({ caller, params }) => pauseCampaign(parts, caller, params.sms_campaign_id),
    smsCampaignResume: ({ caller, params }) => resumeCampaign(parts, caller, params.sms_campaign_id),
    smsCampaignRecipients: ({ caller, params, query }) =>
      listRecipients(parts, caller, { campaignId: params.sms_campaign_id, query }),
  };
}
